-- What a build changed is looked up by node, whatever its brand.
drop index identity.nodes_key;
create unique index nodes_key on identity.nodes (node, brand);
