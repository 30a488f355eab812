-- The same promises at less cost: what a thousand rows were asked one by one is asked once for all of them.

-- 1. A request is named by its hash ------------------------------------------------------------------------------

alter table journal drop constraint journal_request_sha256_check, add constraint journal_request_sha256_check
  check (octet_length(request_sha256) = 64 and translate(request_sha256, '0123456789abcdef', '') = '');

-- 2. Entries follow each other, and what is moved and held belongs to one: once per statement -----------------------

-- Every function below is planned for keys: a plan that was made while a table was small would else read it through when
-- it is large.
create function check_journal() returns trigger language plpgsql set enable_seqscan = off as $$
declare
  span record;
begin
  select min(entry_no) as first, max(entry_no) as last, count(*) as entries into span from added;
  if span.last - span.first + 1 <> span.entries
     or span.first > 1 and not exists (select from journal where entry_no = span.first - 1) then
    raise exception 'the journal has no gaps: % to %', span.first, span.last using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
create trigger entries_follow_each_other after insert on journal referencing new table as added
  for each statement execute function check_journal();

-- Entries are 1, 2, 3 … up to the last one, so a number belongs to an entry if it is not beyond it.
alter table movement drop constraint movement_entry_no_fkey;
alter table holding drop constraint holding_since_entry_no_fkey;

-- Its rows are known by entry, issuance and first serial; nothing asks for them by their number.
alter table movement drop constraint movement_pkey;

-- What 0008 asks of each movement is asked once for all movements of a statement that have the same issuance, accounts
-- and kind.
create or replace function check_movements() returns trigger language plpgsql set enable_seqscan = off
  set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  newest bigint := (select max(entry_no) from journal);
  wrong record;
begin
  select n.serials, case
      when o.origin_id is null or t.account_id is null or (n.source_account is not null and s.account_id is null)
        then 'an account or an issuance is not on record'
      when n.series <> o.series or not n.serials <@ o.serials then 'these serials were not issued so'
      when s.account_type in ('retirement', 'cancellation') then 'sink: the account never releases'
      when n.registry_id <> o.registry_id or t.registry_id <> o.registry_id
        or s.registry_id <> o.registry_id then 'credits stay in their registry'
      when r.kind is null then 'the accounts are not for this'
      when n.occurred_on < o.issued_on then 'moved before it was issued'
      when n.first_entry < 1 or n.last_entry > newest then 'no entry of the journal'
      end as reason into wrong
    from (select origin_id, series, registry_id, kind, source_account, target_account,
            int8range(min(lower(serials)), max(upper(serials))) as serials, min(occurred_on) as occurred_on,
            min(entry_no) as first_entry, max(entry_no) as last_entry
          from added group by origin_id, series, registry_id, kind, source_account, target_account) n
    left join block_origin o using (origin_id)
    left join account s on s.account_id = n.source_account left join account t on t.account_id = n.target_account
    left join movement_rule r on r.kind = n.kind and r.gives = coalesce(s.account_type, '') and r.receives = t.account_type
    where o.origin_id is null or t.account_id is null or (n.source_account is not null and s.account_id is null)
      or n.series <> o.series or not n.serials <@ o.serials or s.account_type in ('retirement', 'cancellation')
      or n.registry_id <> o.registry_id or t.registry_id <> o.registry_id or s.registry_id <> o.registry_id
      or r.kind is null or n.occurred_on < o.issued_on or n.first_entry < 1 or n.last_entry > newest
    limit 1;
  if found then
    raise exception '%: %', wrong.reason, wrong.serials using errcode = 'restrict_violation';
  end if;
  return null;
end $$;

-- 3. No serial has two holders -------------------------------------------------------------------------------------

-- As before, and with one look into the index for each holding instead of two: of the holdings that begin before a new one
-- ends, the last is the new one itself, and the one before it ends before the new one begins.
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
      or a.registry_id is distinct from o.registry_id
      or n.first_entry < 1 or n.last_entry > newest
    limit 1;
  if not found then
    select n.series, n.serials into wrong from added n
      where (select count(*) filter (where upper(b.serials) > lower(n.serials)) from (
          select h.serials from holding h where h.origin_id = n.origin_id and lower(h.serials) < upper(n.serials)
          order by lower(h.serials) desc limit 2) b) <> 1
      limit 1;
  end if;
  if found then
    raise exception 'a serial has one holder, in the registry of its origin: % %', wrong.series, wrong.serials
      using errcode = 'restrict_violation', constraint = 'every_credit_has_one_holder';
  end if;
  return null;
end $$;

-- 4. The writing of acts that move credits --------------------------------------------------------------------------

-- A column of values in one text, cut at a control character that no value holds (store/columns.py).
create function cells(column_text text) returns text[] language sql immutable parallel safe as
  $$ select string_to_array(column_text, e'\x1f', e'\x1e') $$;

-- Entries that have neither products nor files: one call, whatever their number. The plans are made once and for any
-- number of rows, with keys and never by reading a table through.
create function write_entries(at timestamptz, entry_nos text, acts text, keys text, requests text, hashes text,
  outcomes text, days text, actors text) returns void language plpgsql
  set plan_cache_mode = force_generic_plan as $$
begin
  insert into journal (entry_no, act, idempotency_key, request, request_sha256, outcome, occurred_on, recorded_at, actor)
    select n, act, key, request::jsonb, hash, outcome::jsonb, day, at, actor
    from unnest(cells(entry_nos)::bigint[], cells(acts), cells(keys), cells(requests), cells(hashes), cells(outcomes),
      cells(days)::date[], cells(actors)) as entry (n, act, key, request, hash, outcome, day, actor);
end $$;

-- The movements of any number of entries, and what they change of the holdings.
create function write_moves(
  entry_nos text, kinds text, registries text, series_of text, firsts text, lasts text, origins text, sources text,
  targets text, days text, details_of text, from_entries text,
  gone_origins text, gone_firsts text,
  new_series text, new_firsts text, new_lasts text, new_accounts text, new_origins text, new_entries text, new_days text)
  returns void language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
  insert into movement (entry_no, kind, registry_id, series, serials, origin_id, source_account, target_account,
                        occurred_on, details, from_entry_no)
    select n, kind, registry_id, series, int8range(first, last, '[]'), origin_id, source, target, day, details::jsonb,
      from_entry_no
    from unnest(cells(entry_nos)::bigint[], cells(kinds), cells(registries), cells(series_of), cells(firsts)::bigint[],
      cells(lasts)::bigint[], cells(origins)::bigint[], cells(sources), cells(targets), cells(days)::date[],
      cells(details_of), cells(from_entries)::bigint[])
      as moved (n, kind, registry_id, series, first, last, origin_id, source, target, day, details, from_entry_no);
  if gone_origins <> '' then
    delete from holding h using unnest(cells(gone_origins)::bigint[], cells(gone_firsts)::bigint[])
      as gone (origin_id, first) where h.origin_id = gone.origin_id and lower(h.serials) = gone.first;
  end if;
  insert into holding (series, serials, account_id, origin_id, since_entry_no, since)
    select series, int8range(first, last, '[]'), account_id, origin_id, entry_no, day
    from unnest(cells(new_series), cells(new_firsts)::bigint[], cells(new_lasts)::bigint[], cells(new_accounts),
      cells(new_origins)::bigint[], cells(new_entries)::bigint[], cells(new_days)::date[])
      as held (series, first, last, account_id, origin_id, entry_no, day);
end $$;
alter function refuse_release() set enable_seqscan = off;
alter function refuse_release() set enable_hashjoin = off;
alter function refuse_release() set enable_mergejoin = off;
alter function check_leaves() set enable_seqscan = off;
alter function check_leaves() set enable_hashjoin = off;
alter function check_leaves() set enable_mergejoin = off;
alter function refuse_barred() set enable_seqscan = off;
alter function refuse_barred() set enable_hashjoin = off;
alter function refuse_barred() set enable_mergejoin = off;
