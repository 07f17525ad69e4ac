-- Purpose: a paper stays as it was issued; it goes on as a new edition. Drafts may be changed and thrown away.
CREATE FUNCTION paper_stays_as_issued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'issued' THEN
    RAISE EXCEPTION '% on % is refused: the paper is issued', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER paper_stays_as_issued BEFORE UPDATE OR DELETE ON committees_paper
  FOR EACH ROW EXECUTE FUNCTION paper_stays_as_issued();

-- Purpose: the same for its consultations and sections. FOR SHARE waits for an issue that is on its way.
CREATE FUNCTION paper_part_stays_as_issued() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found_status text;
BEGIN
  FOR found_status IN
    SELECT status FROM committees_paper
     WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.paper_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.paper_id END)
       FOR SHARE
  LOOP
    IF found_status = 'issued' THEN
      RAISE EXCEPTION '% on % is refused: the paper is issued', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
    END IF;
  END LOOP;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER consultation_stays_as_issued BEFORE INSERT OR UPDATE OR DELETE ON committees_consultation
  FOR EACH ROW EXECUTE FUNCTION paper_part_stays_as_issued();
CREATE TRIGGER situation_stays_as_issued BEFORE INSERT OR UPDATE OR DELETE ON committees_situation
  FOR EACH ROW EXECUTE FUNCTION paper_part_stays_as_issued();

-- Purpose: no table of papers is ever emptied at once.
CREATE TRIGGER paper_never_truncated BEFORE TRUNCATE ON committees_paper
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER consultation_never_truncated BEFORE TRUNCATE ON committees_consultation
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER situation_never_truncated BEFORE TRUNCATE ON committees_situation
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER issuedpaper_append_only BEFORE UPDATE OR DELETE ON committees_issuedpaper
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER issuedpaper_never_truncated BEFORE TRUNCATE ON committees_issuedpaper
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Purpose: an issued paper has its frozen figures and no draft has any; proved at COMMIT from both sides.
CREATE FUNCTION paper_issue_proof() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE key bigint;
BEGIN
  IF TG_TABLE_NAME = 'committees_paper' THEN key := NEW.id; ELSE key := NEW.paper_id; END IF;
  PERFORM 1 FROM committees_paper AS paper LEFT JOIN committees_issuedpaper AS issue ON issue.paper_id = paper.id
    WHERE paper.id = key AND (paper.status = 'issued') <> (issue.id IS NOT NULL);
  IF FOUND THEN
    RAISE EXCEPTION 'paper %: issued papers, and only those, have frozen figures', key
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER paper_issue_proof AFTER INSERT OR UPDATE ON committees_paper
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION paper_issue_proof();
CREATE CONSTRAINT TRIGGER issuedpaper_proof AFTER INSERT ON committees_issuedpaper
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION paper_issue_proof();
