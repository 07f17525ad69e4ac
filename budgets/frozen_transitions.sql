-- Purpose: a transition stays as it was proposed. It is shown to the carriers once, and adopted or withdrawn once.
CREATE FUNCTION transition_stays_as_proposed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE decided budgets_transitionplan := OLD;
BEGIN
  IF OLD.shown_to_carriers_at IS NULL THEN decided.shown_to_carriers_at := NEW.shown_to_carriers_at; END IF;
  decided.status := NEW.status;
  decided.basis_id := NEW.basis_id;
  decided.adopted_by_id := NEW.adopted_by_id;
  decided.adopted_at := NEW.adopted_at;
  IF TG_OP = 'DELETE' OR OLD.status <> 'proposed' OR NEW IS DISTINCT FROM decided THEN
    RAISE EXCEPTION '% on % is refused: the transition was %', TG_OP, TG_TABLE_NAME, OLD.status
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER transition_stays_as_proposed BEFORE UPDATE OR DELETE ON budgets_transitionplan
  FOR EACH ROW EXECUTE FUNCTION transition_stays_as_proposed();
CREATE TRIGGER transition_never_truncated BEFORE TRUNCATE ON budgets_transitionplan
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Purpose: a version of the mapping of cost blocks is never changed; the next version follows it.
CREATE TRIGGER blockmapping_append_only BEFORE UPDATE OR DELETE ON budgets_blockmapping
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER blockmapping_never_truncated BEFORE TRUNCATE ON budgets_blockmapping
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Purpose: a held review stays as it was entered.
CREATE TRIGGER quotareview_append_only BEFORE UPDATE OR DELETE ON budgets_quotareview
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER quotareview_never_truncated BEFORE TRUNCATE ON budgets_quotareview
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
