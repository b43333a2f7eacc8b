"""Let the database refuse another text where somebody wrote one: it may be withdrawn or erased, never edited."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION cases_words_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.body <> OLD.body AND NEW.body <> '' THEN
        RAISE EXCEPTION 'what was written on % is not edited', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION cases_room_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'body' - 'withdrawn_at' - 'told_at' <> to_jsonb(OLD) - 'body' - 'withdrawn_at' - 'told_at'
        OR OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at THEN
        RAISE EXCEPTION 'an entry in a room stays as it was made' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER cases_message_words_stay BEFORE UPDATE ON cases_message
    FOR EACH ROW EXECUTE FUNCTION cases_words_stay();
CREATE TRIGGER cases_roomentry_words_stay BEFORE UPDATE ON cases_roomentry
    FOR EACH ROW EXECUTE FUNCTION cases_words_stay();
CREATE TRIGGER cases_roomentry_stays BEFORE UPDATE ON cases_roomentry
    FOR EACH ROW EXECUTE FUNCTION cases_room_entry_stays();
"""

BACKWARD = """
DROP TRIGGER cases_message_words_stay ON cases_message;
DROP TRIGGER cases_roomentry_words_stay ON cases_roomentry;
DROP TRIGGER cases_roomentry_stays ON cases_roomentry;
DROP FUNCTION cases_words_stay();
DROP FUNCTION cases_room_entry_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_taxonomy")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
