"""What all tests of what asks models share."""

from tests.support.http_models import catalogs_closed as catalogs_closed  # a fixture
