-- Purpose: what was adopted stays as it was adopted; a mistake is replaced by a new distribution with a reason.
CREATE TRIGGER legalbasis_append_only BEFORE UPDATE OR DELETE ON budgets_legalbasis
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER legalbasis_never_truncated BEFORE TRUNCATE ON budgets_legalbasis
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER adopteddistribution_append_only BEFORE UPDATE OR DELETE ON budgets_adopteddistribution
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER adopteddistribution_never_truncated BEFORE TRUNCATE ON budgets_adopteddistribution
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER distributionrow_append_only BEFORE UPDATE OR DELETE ON budgets_distributionrow
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER distributionrow_never_truncated BEFORE TRUNCATE ON budgets_distributionrow
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER officerow_append_only BEFORE UPDATE OR DELETE ON budgets_officerow
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER officerow_never_truncated BEFORE TRUNCATE ON budgets_officerow
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Purpose: the rows of a distribution add up to its total, to the cent; proved once per distribution at COMMIT.
CREATE FUNCTION distribution_proof() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE rows_sum numeric;
BEGIN
  SELECT coalesce(sum(amount), 0) INTO rows_sum FROM budgets_distributionrow WHERE distribution_id = NEW.id;
  IF rows_sum <> NEW.total THEN
    RAISE EXCEPTION 'distribution %: rows give %, the total is %', NEW.id, rows_sum, NEW.total
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER distribution_proof AFTER INSERT ON budgets_adopteddistribution
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION distribution_proof();

-- Purpose: rows come with their distribution, in its transaction; none is added to one that stands.
CREATE FUNCTION distribution_row_comes_with_it() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM budgets_adopteddistribution
   WHERE id = NEW.distribution_id AND transaction = txid_current();
  IF NOT FOUND THEN
    RAISE EXCEPTION 'INSERT on % is refused: the distribution stands already', TG_TABLE_NAME
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER distribution_row_comes_with_it BEFORE INSERT ON budgets_distributionrow
  FOR EACH ROW EXECUTE FUNCTION distribution_row_comes_with_it();
CREATE TRIGGER office_row_comes_with_it BEFORE INSERT ON budgets_officerow
  FOR EACH ROW EXECUTE FUNCTION distribution_row_comes_with_it();
