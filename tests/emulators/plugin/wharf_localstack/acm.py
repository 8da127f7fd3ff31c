"""ACM: certificates that are requested and validated by DNS. Imported ones are moto's.

A name is validated when its record stands where a resolver would find it: in the public zone, of whatever account, that the zones
above it delegate the name to. A request with DNS validation becomes ISSUED once all its names are.
"""

import hashlib
import threading
from dataclasses import dataclass, field
from datetime import datetime

from localstack.aws.api import RequestContext
from localstack.services.moto import call_moto
from moto.route53.models import route53_backends

from wharf_localstack.aws import Json, MotoApi, Stores, error, new_id, now
from wharf_localstack.cloudfront import DISTRIBUTIONS
from wharf_localstack.elbv2.model import STORES as BALANCERS


def hashed(*parts: str) -> str:
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:32]


@dataclass
class Certificate:
    arn: str
    account: str
    region: str
    names: list[str]
    token: str
    tags: dict[str, str]
    created: datetime = field(default_factory=now)
    #: When ACM saw the records.
    issued: datetime | None = None

    def record(self, name: str) -> tuple[str, str]:
        """The same for a name and its wildcard, and in all regions of an account."""
        plain = name.removeprefix("*.")
        return f"_{hashed(self.account, plain)}.{plain}.", f"_{hashed(plain, self.account)}.acm-validations.aws."

    def validated(self, name: str) -> bool:
        return self.issued is not None or resolves(*self.record(name))

    def check(self) -> None:
        if self.issued is None and all(self.validated(n) for n in self.names):
            self.issued = now()

    @property
    def status(self) -> str:
        return "ISSUED" if self.issued else "PENDING_VALIDATION"


def public_zones() -> list[Json]:
    """Name and records of all public zones of all accounts."""
    return [
        {"name": zone.name.rstrip("."), "records": list(zone.rrsets)}
        for account in list(route53_backends.values())
        for backend in list(account.values())
        for zone in list(backend.zones.values())
        if not zone.private_zone
    ]


def resolves(name: str, value: str) -> bool:
    """Whether a CNAME record says this, found from the uppermost zone down through the delegations."""
    name = name.rstrip(".")
    zones = [z for z in public_zones() if name.endswith("." + z["name"])]
    zones.sort(key=lambda z: len(z["name"]))
    if not zones:
        return False
    here = zones[0]["name"]
    while True:
        below = [
            r.name.rstrip(".")
            for z in zones
            if z["name"] == here
            for r in z["records"]
            if r.type_ == "NS" and r.name.rstrip(".") != here and name.endswith("." + r.name.rstrip("."))
        ]
        if not below:
            break
        here = min(below, key=len)
    return any(
        r.type_ == "CNAME" and r.name.rstrip(".") == name and value.rstrip(".") in [str(v).rstrip(".") for v in r.records]
        for z in zones
        if z["name"] == here
        for r in z["records"]
    )


class Store:
    def __init__(self, account: str, region: str) -> None:
        self.account, self.region = account, region
        self.certificates: dict[str, Certificate] = {}
        self.lock = threading.RLock()


STORES: Stores[Store] = Stores(Store)


class AcmApi(MotoApi):
    def __init__(self) -> None:
        super().__init__("acm")

    def _find(self, context: RequestContext, request: Json) -> Certificate | None:
        found = STORES.of(context).certificates.get(request["CertificateArn"])
        if found:
            found.check()
        return found

    def request_certificate(self, context: RequestContext, request: Json) -> Json:
        store = STORES.of(context)
        names = list(dict.fromkeys([request["DomainName"], *(request.get("SubjectAlternativeNames") or [])]))
        if request.get("ValidationMethod") != "DNS":
            return call_moto(context)
        if len(names) > 10:
            raise error("LimitExceededException", "Error: you have reached your limit of 10 domain names in this certificate.")
        token = request.get("IdempotencyToken") or new_id()
        with store.lock:
            for known in store.certificates.values():
                if known.token == token and known.names == names:
                    return {"CertificateArn": known.arn}
            arn = f"arn:aws:acm:{store.region}:{store.account}:certificate/{new_id()}"
            tags = {t["Key"]: t.get("Value", "") for t in request.get("Tags") or []}
            store.certificates[arn] = Certificate(arn, store.account, store.region, names, token, tags)
        return {"CertificateArn": arn}

    def describe_certificate(self, context: RequestContext, request: Json) -> Json:
        found = self._find(context, request)
        if found is None:
            return call_moto(context)
        options = [
            {
                "DomainName": name,
                "ValidationDomain": name,
                "ValidationMethod": "DNS",
                "ValidationStatus": "SUCCESS" if found.validated(name) else "PENDING_VALIDATION",
                "ResourceRecord": {"Name": found.record(name)[0], "Type": "CNAME", "Value": found.record(name)[1]},
            }
            for name in found.names
        ]
        described: Json = {
            "CertificateArn": found.arn,
            "DomainName": found.names[0],
            "SubjectAlternativeNames": found.names,
            "DomainValidationOptions": options,
            "Status": found.status,
            "Type": "AMAZON_ISSUED",
            "InUseBy": users(found),
            "CreatedAt": found.created,
            "KeyAlgorithm": "RSA-2048",
        }
        if found.issued:
            described["IssuedAt"] = found.issued
        return {"Certificate": described}

    def list_certificates(self, context: RequestContext, request: Json) -> Json:
        listed: Json = call_moto(context)
        wanted = request.get("CertificateStatuses") or ["ISSUED", "PENDING_VALIDATION"]
        for own in list(STORES.of(context).certificates.values()):
            own.check()
            if own.status in wanted:
                listed["CertificateSummaryList"].append(
                    {
                        "CertificateArn": own.arn,
                        "DomainName": own.names[0],
                        "SubjectAlternativeNameSummaries": own.names,
                        "Status": own.status,
                    }
                )
        return listed

    def list_tags_for_certificate(self, context: RequestContext, request: Json) -> Json:
        found = self._find(context, request)
        return {"Tags": [{"Key": k, "Value": v} for k, v in found.tags.items()]} if found else call_moto(context)

    def add_tags_to_certificate(self, context: RequestContext, request: Json) -> Json:
        found = self._find(context, request)
        if found is None:
            return call_moto(context)
        found.tags.update({t["Key"]: t.get("Value", "") for t in request["Tags"]})
        return {}

    def delete_certificate(self, context: RequestContext, request: Json) -> Json:
        found = self._find(context, request)
        if found is None:
            return call_moto(context)
        if used := users(found):
            raise error(
                "ResourceInUseException", f"Certificate {found.arn} in account {found.account} is in use: {', '.join(used)}."
            )
        STORES.of(context).certificates.pop(found.arn, None)
        return {}


def users(certificate: Certificate) -> list[str]:
    """Load balancers whose listeners have the certificate, and CloudFront distributions."""
    store = BALANCERS.at(certificate.account, certificate.region)
    balancers = {x.balancer.arn for x in store.listeners() if certificate.arn in x.certificates}
    distributions = {
        f"arn:aws:cloudfront::{certificate.account}:distribution/{name}"
        for name, found in list(DISTRIBUTIONS.at(certificate.account, "aws").items())
        if found.certificate == certificate.arn
    }
    return sorted(balancers | distributions)
