-- This installation as a witness of other logs, what witnesses of its own log co-signed, and proofs that a log told two
-- stories (C2SP tlog-cosignature, tlog-witness). Rows are written once.

-- A checkpoint of another log that was found to continue the one seen before it, and was co-signed here.
create table witnessed_checkpoint (
  origin      text not null,
  tree_size   bigint not null check (tree_size >= 0),
  root_hash   bytea not null check (octet_length(root_hash) = 32),
  note        text not null,                                 -- as the log signed it
  log_key     text not null,                                 -- the verifier key that was trusted
  proof       bytea not null check (octet_length(proof) % 32 = 0),  -- consistency with the checkpoint seen before
  cosignature text not null,                                 -- the signature line of this witness
  seen_at     timestamptz not null,
  primary key (origin, tree_size)
);

-- A co-signature of another installation on a checkpoint of this log.
create table cosignature (
  tree_size   bigint not null references checkpoint,
  witness     text not null,
  witness_key text not null,                                 -- verifier key of the witness's own log: the same key signs
  line        text not null,
  received_at timestamptz not null,
  primary key (tree_size, witness)
);

-- Two checkpoints signed by one log that cannot both be true.
create table split_view (
  origin          text not null,
  evidence_sha256 text primary key references product,
  smaller         bigint not null,
  larger          bigint not null,
  entry_no        bigint not null references journal
);

-- A witness goes only forward.
create function witness_goes_forward() returns trigger language plpgsql as $$
begin
  if exists (select from witnessed_checkpoint w where w.origin = new.origin and w.tree_size > new.tree_size) then
    raise exception 'a larger checkpoint of % was seen already', new.origin
      using errcode = 'restrict_violation', constraint = 'witness_goes_forward';
  end if;
  return new;
end $$;
create trigger witness_goes_forward before insert on witnessed_checkpoint
  for each row execute function witness_goes_forward();

do $$
declare name text;
begin
  foreach name in array array['witnessed_checkpoint', 'cosignature', 'split_view'] loop
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_change()', name);
    execute format('create trigger append_only_truncate before truncate on %I for each statement execute function refuse_change()', name);
  end loop;
end $$;
