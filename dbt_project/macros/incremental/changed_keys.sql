{#
    Reads of a by_key model that bear its key are cut to the keys that changed: `where` begins the clause, `and` goes on
    with one. Nothing is cut when the table is made in full.
#}
{% macro where_changed(column=none) -%}
    {{ _changed_only('where', column) }}
{%- endmacro %}

{% macro and_changed(column=none) -%}
    {{ _changed_only('and', column) }}
{%- endmacro %}

{% macro _changed_only(word, column) -%}
    {%- if not update_plan().is_full -%}
    {{ word }} {{ column or config.require('key') }} in (select changed.key from {{ changed_table() }} as changed)
    {%- endif -%}
{%- endmacro %}

{#
    Which of the changed keys stand in a column of a table: a row of each is looked for, not all of them read. All of
    them that stand there when the table is made in full.
#}
{% macro changed_keys_in(relation, column) -%}
    {%- if update_plan().is_full -%}
    select distinct {{ column }} as key
    from {{ relation }}
    where {{ column }} is not null
    {%- else -%}
    select changed.key
    from {{ changed_table() }} as changed
    where exists (select 1 from {{ relation }} as bearers where bearers.{{ column }} = changed.key)
    {%- endif -%}
{%- endmacro %}

{% macro changed_table() -%}
    "changed__{{ model.name }}"
{%- endmacro %}

{% macro key_type() -%}
    {{ config.get('key_type', 'text') }}
{%- endmacro %}

{#
    Makes the table of this model's keys that changed since `state.build`, as `changed_by` declares: a list of
    {model: m}                      the keys that m logged under this model's key column
    {…, logged: c}                  … under its column c
    {…, through: t, on: d, key: k}  … that stand in column d (c) of table t, which bears this model's key as k (key);
                                    `this` is the model's own table
    {…, as: e}                      … turned into keys by an expression over log.key
    {due: [i, …], through: t, key: k}    keys of t with an instant i that lies between the as_of of the two builds;
    {…, after: '7 days'}            … whose instant i, so much later, does
    {over: [d, …], through: t, key: k}    keys of t with a day d that is over for the brand at one of the two as_of alone
    {…, after: 28}                  … whose day d, so many days later, is
    {step: [source, table], logged: c}    keys that a Python step logged in column c of its own table, by build_id;
    {…, through: t, on: d, key: k}  … turned into keys as above
    {raw: [source, table], keys: […], event: i}    keys of raw rows that came or went with loads, or whose instant i has
                                    come (staging, alone)
#}
{% macro collect_changes(relation, state) -%}
    {%- set changes = config.require('changed_by') -%}
    {%- if changes[0].raw is defined -%}
        {{ collect_changed_versions(changes[0], relation, state) }}
    {%- else %}
    create temporary table {{ changed_table() }} (key {{ key_type() }} primary key) on commit drop;
    insert into {{ changed_table() }} (key)
    select distinct candidates.key
    from (
        {%- for change in changes %}
        {%- if change.due is defined %}
        {{ _due_keys(change, state) }}
        {%- elif change.over is defined %}
        {{ _over_keys(change, state) }}
        {%- elif change.step is defined %}
        {{ _step_keys(change, state) }}
        {%- else %}
        {{ _logged_keys(change, state) }}
        {%- endif %}
        {% if not loop.last %}union all{% endif %}
        {%- endfor %}
    ) as candidates
    where candidates.key is not null;
    analyze {{ changed_table() }}
    {%- endif -%}
{%- endmacro %}

{% macro _logged_keys(change, state) -%}
    {%- set column = change.logged or config.require('key') -%}
    {%- set type = key_type() if change.through is not defined else change.type or 'text' -%}
    {%- set logged -%}
        select cast({{ change.as or 'log.key' }} as {{ type }}) as key
        from {{ source('changes', 'changed_keys') }} as log
        where
            log.model = '{{ change.model }}' and log.column_name = '{{ column }}'
            and log.build_id > {{ state.build }} and log.build_id <= {{ build_id() }}
    {%- endset -%}
    {{ _through(change, column, logged) }}
{%- endmacro %}

{% macro _step_keys(change, state) -%}
    {%- set type = key_type() if change.through is not defined else change.type or 'text' -%}
    {%- set logged -%}
        select cast(log.{{ change.logged }} as {{ type }}) as key
        from {{ source(change.step[0], change.step[1]) }} as log
        where log.build_id > {{ state.build }} and log.build_id <= {{ build_id() }}
    {%- endset -%}
    {{ _through(change, change.logged, logged) }}
{%- endmacro %}

{# What was logged, or the keys of the rows of another table that bear it. #}
{% macro _through(change, column, logged) -%}
    {%- if change.through is defined -%}
        select bearer.{{ change.key or config.require('key') }} as key
        from {{ _bearer(change) }} as bearer
        where bearer.{{ change.on or column }} in ({{ logged }})
    {%- else -%}
        {{ logged }}
    {%- endif -%}
{%- endmacro %}

{% macro _due_keys(change, state) -%}
    {%- set later = " - interval '" ~ change.after ~ "'" if change.after else '' -%}
    {%- for instant_column in change.due %}
    select bearer.{{ change.key or config.require('key') }} as key
    from ({{ _moved_as_of(state) }}) as moved
    inner join {{ _bearer(change) }} as bearer
        on
            moved.brand = bearer.brand
            and bearer.{{ instant_column }} > moved.earlier_as_of{{ later }}
            and bearer.{{ instant_column }} <= moved.later_as_of{{ later }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{# A day is over for the brand when it lies before the `brand_date` of as_of. #}
{% macro _over_keys(change, state) -%}
    {%- set held_out = '-' ~ (change.after or 0) -%}
    {%- for day_column in change.over %}
    select bearer.{{ change.key or config.require('key') }} as key
    from (
        select
            moved.brand,
            {{ brand_date('moved.earlier_as_of') }} as first_day,
            {{ brand_date('moved.later_as_of') }} as end_day
        from ({{ _moved_as_of(state) }}) as moved
        inner join ({{ build_sources() }}) as sources
            on moved.brand = sources.brand
        group by moved.brand
    ) as days
    inner join {{ _bearer(change) }} as bearer
        on
            days.brand = bearer.brand
            and bearer.{{ day_column }} >= {{ add_days('days.first_day', held_out) }}
            and bearer.{{ day_column }} < {{ add_days('days.end_day', held_out) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{# The brands whose as_of is another than at the build of the state, with both of them in order. #}
{% macro _moved_as_of(state) -%}
        select
            present.brand,
            least(past.as_of, present.as_of) as earlier_as_of,
            greatest(past.as_of, present.as_of) as later_as_of
        from {{ source('ops', 'build_brands') }} as present
        inner join {{ source('ops', 'build_brands') }} as past
            on present.brand = past.brand and past.build_id = {{ state.build }} and past.as_of <> present.as_of
        where present.build_id = {{ build_id() }}
{%- endmacro %}

{% macro _bearer(change) -%}
    {{ kept_relation(this) if change.through == 'this' else relation_of(change.through) }}
{%- endmacro %}
