-- What a writer asks is asked by key, whatever the size of the tables.

-- 1. The wall of the sinks: the planner took few accounts for sinks, began with them, and so read every account there is
-- for each transfer.
create or replace function refuse_release() returns trigger language plpgsql set enable_seqscan = off
  set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  wrong text;
begin
  select g.account_id into wrong from gone g
    cross join lateral (select b.account_type from account b where b.account_id = g.account_id offset 0) a
    where a.account_type in ('retirement', 'cancellation') and not exists (
      select 1 from movement m where m.kind = 'correction' and m.origin_id = g.origin_id
        and m.from_entry_no = g.since_entry_no and m.source_account = g.account_id and m.serials <@ g.serials)
    limit 1;
  if found then
    raise exception 'sink: account % never releases', wrong using errcode = 'restrict_violation';
  end if;
  return null;
end $$;

-- 2. The sums: by the keys of what moved, never by reading the sums through.
alter function keep_sums() set enable_seqscan = off;
alter function keep_sums() set enable_hashjoin = off;
alter function keep_sums() set enable_mergejoin = off;

-- 3. Leaves, the checkpoint over them and the head that counts them are one act, and one call.
create function write_leaves(leaf_indexes text, kinds text, bodies text, entry_nos text, size bigint, root bytea,
  signed_note text, at timestamptz, last_entry bigint, new_peaks bytea) returns void language plpgsql
  set plan_cache_mode = force_generic_plan as $$
begin
  insert into log_leaf (leaf_index, kind, body, entry_no)
    select leaf_index, kind, convert_to(body, 'UTF8'), entry_no
    from unnest(cells(leaf_indexes)::bigint[], cells(kinds), cells(bodies), cells(entry_nos)::bigint[])
      as leaf (leaf_index, kind, body, entry_no);
  insert into checkpoint (tree_size, root_hash, note, signed_at) values (size, root, signed_note, at);
  update log_head set entry_no = last_entry, tree_size = size, peaks = new_peaks;
end $$;
