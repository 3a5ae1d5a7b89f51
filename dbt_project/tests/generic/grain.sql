{# The grain of a table: no two rows share the values of `columns`, and none lacks one, those in `nullable` excepted. #}
{% test grain(model, columns, nullable=[]) %}
select
    {{ columns | join(', ') }},
    count(*) as rows_sharing_the_key
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1{% for column in columns if column not in nullable %} or {{ column }} is null{% endfor %}
{% endtest %}
