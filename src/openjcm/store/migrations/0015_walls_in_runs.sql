-- The same promises again, at less cost where a thousand transfers lie a thousand pages apart.

-- 1. No serial has two holders -------------------------------------------------------------------------------------

-- A transfer puts back what it took away, in pieces that follow each other without a gap. So the new holdings of a
-- statement are joined into runs, and the index is asked once for each run instead of once for each piece: of the holdings
-- that begin before the run ends, exactly its own pieces end after it begins. Pieces that overlap are no run.
create or replace function check_holdings() returns trigger language plpgsql set enable_seqscan = off
  set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  newest bigint := (select max(entry_no) from journal);
  wrong record;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'holdings are written in READ COMMITTED' using errcode = 'restrict_violation';
  end if;
  perform from block_origin where origin_id in (select distinct origin_id from added) order by series, lower(serials)
    for no key update;
  select n.series, n.serials into wrong
    from (select origin_id, series, account_id, int8range(min(lower(serials)), max(upper(serials))) as serials,
            min(since_entry_no) as first_entry, max(since_entry_no) as last_entry
          from added group by origin_id, series, account_id) n
    left join block_origin o on o.origin_id = n.origin_id
    left join account a on a.account_id = n.account_id
    where o.series is distinct from n.series or not n.serials <@ o.serials
      or (a.registry_id is distinct from o.registry_id and not exists (
        select from movement m join account t on t.account_id = m.target_account
        where m.origin_id = n.origin_id and m.kind = 'international_transfer' and m.serials && n.serials
          and t.registry_id = a.registry_id))
      or n.first_entry < 1 or n.last_entry > newest
    limit 1;
  if not found then
    select r.series, int8range(r.first, r.last) as serials into wrong
      from (select origin_id, min(series) as series, min(first) as first, max(last) as last, count(*) as pieces
            from (select origin_id, series, first, last, count(*) filter (where begins) over w as run
                  from (select origin_id, series, lower(serials) as first, upper(serials) as last,
                          lower(serials) is distinct from lag(upper(serials)) over v as begins
                        from added window v as (partition by origin_id order by lower(serials))) piece
                  window w as (partition by origin_id order by first rows unbounded preceding)) numbered
            group by origin_id, run) r
      where (select count(*) filter (where upper(b.serials) > r.first) from (
          select h.serials from holding h where h.origin_id = r.origin_id and lower(h.serials) < r.last
          order by lower(h.serials) desc limit r.pieces + 1) b) <> r.pieces
      limit 1;
  end if;
  if found then
    raise exception 'a serial has one holder, in the registry of its origin: % %', wrong.series, wrong.serials
      using errcode = 'restrict_violation', constraint = 'every_credit_has_one_holder';
  end if;
  return null;
end $$;

-- 2. A request is named by its hash: sixty-four digits, read and written again ----------------------------------------

alter table journal drop constraint journal_request_sha256_check, add constraint journal_request_sha256_check
  check (octet_length(request_sha256) = 64 and encode(decode(request_sha256, 'hex'), 'hex') = request_sha256);
