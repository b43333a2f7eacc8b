from django.db import migrations

# The table of Django's database cache, as `createcachetable` makes it: sign-in tries and used TOTP codes are
# remembered for all processes together.
CREATE = """
    CREATE TABLE shared_cache (
        cache_key varchar(255) NOT NULL PRIMARY KEY,
        value text NOT NULL,
        expires timestamp with time zone NOT NULL
    );
    CREATE INDEX shared_cache_expires ON shared_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_regions")]

    operations = [migrations.RunSQL(CREATE, "DROP TABLE shared_cache")]
