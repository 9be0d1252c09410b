"""Collateral in a user's cache, made older than it is: for the tests of the commands that fetch."""

import datetime
import json
import pathlib


def rfc3339(**ago):
    """The time so long ago."""
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**ago)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def age_cache(environment, **ago):
    """Has all that is in the cache fetched so long ago. Returns how many bundles there are."""
    home = environment.get("XDG_CACHE_HOME", pathlib.Path(environment["HOME"], ".cache"))
    cached = list(pathlib.Path(home, "quoin", "collateral").glob("*.json"))
    for path in cached:
        bundle = json.loads(path.read_bytes())
        bundle["fetched_at"] = rfc3339(**ago)
        path.write_text(json.dumps(bundle))
    return len(cached)
