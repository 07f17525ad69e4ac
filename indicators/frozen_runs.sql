-- Purpose: a stored analysis of uncertainty stays as it was computed.
CREATE TRIGGER sensitivityrun_append_only BEFORE UPDATE OR DELETE ON indicators_sensitivityrun
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sensitivityrun_never_truncated BEFORE TRUNCATE ON indicators_sensitivityrun
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
