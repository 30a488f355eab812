-- What is kept apart is counted for each key, and the chain behind a batch set is read in order.

create index batch_quarantined on batch (key_no) where status = 'quarantined';
create index batch_sequence on batch (key_no, sequence);
drop index batch_waiting;
create index batch_waiting on batch (key_no) where status = 'held';
