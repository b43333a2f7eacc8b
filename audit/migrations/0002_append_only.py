"""Let the database refuse what the journal never does. Plain plpgsql, no extension.

ALWAYS: the triggers fire in replica mode, too. An owner of the tables can still switch them off;
`manage.py verify_journal` says so, and finds what was done meanwhile.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION audit_head_advances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.count <> OLD.count + 1 OR NEW.last_hash = OLD.last_hash
        OR to_jsonb(NEW) - 'count' - 'last_hash' <> to_jsonb(OLD) - 'count' - 'last_hash' THEN
        RAISE EXCEPTION 'a journal head only moves on by one entry' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION audit_register_advances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.head_count <> OLD.head_count + 1 OR NEW.hash = OLD.hash
        OR to_jsonb(NEW) - 'head_count' - 'hash' <> to_jsonb(OLD) - 'head_count' - 'hash' THEN
        RAISE EXCEPTION 'the journal register only moves on by one subject' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER audit_entry_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_refuse BEFORE DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_advance BEFORE UPDATE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION audit_head_advances();
CREATE TRIGGER audit_register_refuse BEFORE DELETE OR TRUNCATE ON audit_register
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_register_advance BEFORE UPDATE ON audit_register
    FOR EACH ROW EXECUTE FUNCTION audit_register_advances();

ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_refuse;
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_refuse;
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_advance;
ALTER TABLE audit_register ENABLE ALWAYS TRIGGER audit_register_refuse;
ALTER TABLE audit_register ENABLE ALWAYS TRIGGER audit_register_advance;
"""

BACKWARD = """
DROP TRIGGER audit_entry_refuse ON audit_entry;
DROP TRIGGER audit_head_refuse ON audit_head;
DROP TRIGGER audit_head_advance ON audit_head;
DROP TRIGGER audit_register_refuse ON audit_register;
DROP TRIGGER audit_register_advance ON audit_register;
DROP FUNCTION audit_refuse();
DROP FUNCTION audit_head_advances();
DROP FUNCTION audit_register_advances();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_schema")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
