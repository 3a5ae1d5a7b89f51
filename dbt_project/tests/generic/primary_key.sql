{# One column that names each row: given in all, the same in no two. #}
{% test primary_key(model, column_name) %}
select
    {{ column_name }},
    count(*) as rows_sharing_the_key
from {{ model }}
group by {{ column_name }}
having count(*) > 1 or {{ column_name }} is null
{% endtest %}
