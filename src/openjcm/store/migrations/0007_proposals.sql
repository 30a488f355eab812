-- Four eyes: who acts for an account, how it is guarded, what one proposed and another approved.

-- The latest fact of an account and representative holds; without rights it is a revocation.
create table representative_fact (
  entry_no       bigint primary key references journal,
  account_id     text not null references account,
  representative text not null,
  name           text not null,
  rights         text[] not null check (rights <@ '{view,propose,approve}'),
  public_key     text not null,
  key_id         text not null,                              -- RFC 7638 thumbprint
  since          date not null,
  reason         text not null,
  exclude using gist (key_id with =, representative with <>) -- one key is one person's
);
create index representative_of_account on representative_fact (account_id, representative, entry_no);

-- The latest row of an account holds.
create table account_control (
  entry_no     bigint primary key references journal,
  account_id   text not null references account,
  four_eyes    boolean not null,
  delay_hours  integer not null check (delay_hours between 0 and 8784),
  trusted      text[] not null,
  outside      text not null check (outside in ('delay', 'refuse')),
  most_per_act bigint check (most_per_act > 0),              -- null: no limit was set
  most_per_day bigint check (most_per_day > 0),
  since        date not null
);
create index account_control_of on account_control (account_id, entry_no);

create table proposal (
  proposal        text primary key check (proposal ~ '^[0-9a-f]{64}$'),  -- SHA-256 of the signed bytes
  account_id      text not null references account,
  act             text not null,
  representative  text not null,
  quantity        bigint not null check (quantity >= 0),     -- credits that it would move; 0: it moves none
  target_account  text,
  proposal_sha256 text not null references product,          -- the signed bytes, key and signature
  entry_no        bigint not null unique references journal
);
create index proposal_account on proposal (account_id, entry_no);

create table proposal_step (
  proposal       text not null references proposal,
  step           text not null check (step in ('approved', 'rejected', 'withdrawn', 'executed')),
  representative text,                                       -- who signed it; null: an execution needs no further signature
  answer_sha256  text references product,
  due_at         timestamptz,                                -- of an approval: from when on it may be executed
  executed_on    date,                                       -- of an execution: the registry's day, for the limit per day
  entry_no       bigint not null references journal,
  primary key (proposal, step),
  check ((step = 'executed') = (representative is null and answer_sha256 is null)),
  check ((step = 'approved') = (due_at is not null)),
  check ((step = 'executed') = (executed_on is not null))
);
create unique index proposal_ends_once on proposal_step (proposal) where step <> 'approved';
create index proposal_waits on proposal_step (due_at) where step = 'approved';
create index proposal_executed on proposal_step (entry_no) where step = 'executed';

do $$
declare name text;
begin
  foreach name in array array['representative_fact', 'account_control', 'proposal', 'proposal_step'] loop
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_change()', name);
    execute format('create trigger append_only_truncate before truncate on %I for each statement execute function refuse_change()', name);
  end loop;
end $$;

-- Nobody approves what he proposed; nothing is executed unapproved, before its time, or after its end.
create function check_proposal_step() returns trigger language plpgsql as $$
declare
  proposer text;
  approval proposal_step;
begin
  select representative into proposer from proposal where proposal = new.proposal;
  if new.step = 'approved' and new.representative = proposer then
    raise exception 'approved by its proposer: %', new.proposal using errcode = 'restrict_violation';
  end if;
  if new.step = 'approved' and exists (select from proposal_step where proposal = new.proposal) then
    raise exception 'closed already: %', new.proposal using errcode = 'restrict_violation';
  end if;
  if new.step = 'executed' then
    select * into approval from proposal_step where proposal = new.proposal and step = 'approved';
    if approval is null or approval.due_at > (select recorded_at from journal where entry_no = new.entry_no) then
      raise exception 'not approved, or not due: %', new.proposal using errcode = 'restrict_violation';
    end if;
  end if;
  return new;
end $$;
create trigger two_persons before insert on proposal_step for each row execute function check_proposal_step();

-- From an account with four eyes nothing goes out by its holder's wish but by the execution of a proposal of its own.
create function check_four_eyes() returns trigger language plpgsql as $$
declare
  wrong text;
begin
  if exists (select from account_control where four_eyes) then
    select s.source_account into wrong
      from (select distinct source_account, entry_no from added
            where kind in ('transfer', 'retire', 'cancel', 'international_transfer')) s
      cross join lateral (select four_eyes from account_control c where c.account_id = s.source_account
                          order by c.entry_no desc limit 1) control
      where control.four_eyes and not exists (
        select from proposal_step e join proposal p using (proposal)
        where e.entry_no = s.entry_no and e.step = 'executed' and p.account_id = s.source_account)
      limit 1;
    if found then
      raise exception 'account % moves by four eyes only', wrong
        using errcode = 'restrict_violation', constraint = 'four_eyes_kept';
    end if;
  end if;
  return null;
end $$;
create trigger four_eyes_kept after insert on movement referencing new table as added
  for each statement execute function check_four_eyes();
