-- Purpose: a row that was written stays as it was. Used by every append-only table of the product.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused: rows of this table are never changed', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

-- Purpose: only the text of a reason may be erased (data protection); its salted hash stays in the chain.
CREATE FUNCTION audit_refuse_change_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE erased audit_entry := OLD;
BEGIN
  erased.reason := '';
  IF NEW IS DISTINCT FROM erased THEN
    RAISE EXCEPTION 'UPDATE on audit_entry is refused: rows of this table are never changed'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

-- Purpose: what the chain hashes of an entry, field by field with its length, so that no two entries read alike.
CREATE FUNCTION audit_entry_bytes(entry audit_entry) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT convert_to(string_agg(coalesce(octet_length(field) || ':' || field, '-'), ',' ORDER BY place), 'UTF8')
  FROM unnest(ARRAY[
    entry.id::text, floor(extract(epoch FROM entry.at) * 1000000)::bigint::text, entry.actor_id::text, entry.action::text,
    entry.object_type::text, entry.object_id::text, entry.object_label::text, entry.region::text, entry.data::text,
    entry.reason_hash::text
  ]) WITH ORDINALITY AS fields(field, place)
$$;

-- Purpose: link the entries of a transaction into the chain at COMMIT. The head row is taken here, last of all,
-- so nobody waits while holding it. Runs with the owner's rights: the application cannot write links itself.
CREATE FUNCTION audit_link_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE head audit_chainhead; next_hash bytea;
BEGIN
  SELECT * INTO STRICT head FROM audit_chainhead WHERE id = 1 FOR UPDATE;
  next_hash := sha256(head.hash || audit_entry_bytes(NEW));
  INSERT INTO audit_chainlink (entry_id, number, previous_hash, hash) VALUES (NEW.id, head.number + 1, head.hash, next_hash);
  UPDATE audit_chainhead SET number = head.number + 1, hash = next_hash WHERE id = 1;
  RETURN NULL;
END $$;

CREATE TRIGGER audit_entry_append_only BEFORE UPDATE ON audit_entry
  FOR EACH ROW EXECUTE FUNCTION audit_refuse_change_but_erasure();
CREATE TRIGGER audit_entry_never_deleted BEFORE DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entry_never_truncated BEFORE TRUNCATE ON audit_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_chainlink_append_only BEFORE UPDATE OR DELETE ON audit_chainlink
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_chainlink_never_truncated BEFORE TRUNCATE ON audit_chainlink
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_chainhead_never_deleted BEFORE DELETE ON audit_chainhead FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_chainhead_never_truncated BEFORE TRUNCATE ON audit_chainhead
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_sourcefile_append_only BEFORE UPDATE OR DELETE ON audit_sourcefile
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_sourcefile_never_truncated BEFORE TRUNCATE ON audit_sourcefile
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE CONSTRAINT TRIGGER audit_entry_link AFTER INSERT ON audit_entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_link_entry();

INSERT INTO audit_chainhead (id, number, hash) VALUES (1, 0, '\x00');
