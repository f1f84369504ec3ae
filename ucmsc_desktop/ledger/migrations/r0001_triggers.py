"""The triggers of revision 0001, word for word: the verifier compares the database with them. No Alembic here."""

# An INSERT OR REPLACE deletes without firing delete triggers unless recursive_triggers is on, so an insert guard stands
# in front as well. The guard also joins the chain: the next number, on the hash of the entry before.
TRIGGERS = {
    "event_no_update": "BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'append only'); END",
    "event_no_delete": "BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'append only'); END",
    "event_guard": """BEFORE INSERT ON event BEGIN
        SELECT RAISE(ABORT, 'append only') WHERE EXISTS (
            SELECT 1 FROM event WHERE id = NEW.id OR (device = NEW.device AND seq = NEW.seq));
        SELECT RAISE(ABORT, 'chain') WHERE NEW.prev IS NOT
            CASE WHEN NEW.seq = 1 THEN '0000000000000000000000000000000000000000000000000000000000000000'
            ELSE (SELECT hash FROM event WHERE device = NEW.device AND seq = NEW.seq - 1) END;
    END""",
    "event_value_no_update": "BEFORE UPDATE ON event_value BEGIN SELECT RAISE(ABORT, 'append only'); END",
    "event_value_no_delete": "BEFORE DELETE ON event_value BEGIN SELECT RAISE(ABORT, 'append only'); END",
    "event_value_guard": """BEFORE INSERT ON event_value BEGIN
        SELECT RAISE(ABORT, 'append only') WHERE EXISTS (SELECT 1 FROM event_value WHERE id = NEW.id);
    END""",
}
