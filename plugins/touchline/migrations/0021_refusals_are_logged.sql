-- Links are kept by key: a refusal that begins, ends or is for another reason has to be found in the log as well.
alter table identity.changes add column old_reason text, add column new_reason text;
comment on table identity.changes is 'Nodes that a build gave to another customer, or refused otherwise, than the state before; nothing for the first state.';
