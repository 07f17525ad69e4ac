from indicators.views.burden import burden_urls
from indicators.views.gaps import gap_urls
from indicators.views.indicators import indicator_urls
from indicators.views.releases import release_urls
from indicators.views.schemes import scheme_urls
from indicators.views.uncertainty import uncertainty_urls

app_name = "indicators"

urlpatterns = [*burden_urls, *indicator_urls, *release_urls, *scheme_urls, *gap_urls, *uncertainty_urls]
