"""The error tree. Each leaf has a stable `code`, an HTTP `status` and whether trying again may help.

    HechaError
    ├── InputError                   the caller can mend it
    │   ├── PictureError             one picture cannot be used
    │   │   ├── PictureEmpty             picture_empty             422
    │   │   ├── PictureTooLarge          picture_too_large         413
    │   │   ├── PictureTypeUnsupported   picture_type_unsupported  415
    │   │   ├── PictureCorrupt           picture_corrupt           422
    │   │   ├── PictureTruncated         picture_truncated         422
    │   │   ├── PictureTooManyPixels     picture_too_many_pixels   422
    │   │   ├── PictureTooSmall          picture_too_small         422
    │   │   ├── PictureAspect            picture_aspect            422
    │   │   ├── PictureAnimated          picture_animated          422
    │   │   ├── PictureTooComplex        picture_too_complex       422
    │   │   ├── DuplicateSide            duplicate_side            422
    │   │   └── PictureMissing           picture_missing           422
    │   ├── RequestMalformed         request_malformed         400
    │   ├── RequestInvalid           request_invalid           422
    │   ├── RequestTooLarge          request_too_large         413
    │   ├── RequestTimeout           request_timeout           408
    │   ├── ContentTypeUnsupported   content_type_unsupported  415
    │   ├── Unauthorized             unauthorized              401
    │   ├── ScopeMissing             scope_missing             403
    │   ├── NotFound                 not_found                 404
    │   ├── MethodNotAllowed         method_not_allowed        405
    │   ├── ConsentRequired          consent_required          409
    │   ├── CaseConflict             case_conflict             409
    │   ├── CapturesMissing          captures_missing          409
    │   ├── AttemptsExhausted        attempts_exhausted        409
    │   ├── IdempotencyMismatch      idempotency_mismatch      422
    │   ├── IdempotencyInFlight      idempotency_in_flight     409
    │   ├── PhoneNumberInvalid       phone_number_invalid      422
    │   ├── PhoneNumberRefused       phone_number_refused      422
    │   ├── PhoneCodeUnusable        phone_code_unusable       410
    │   ├── TooManyRequests          too_many_requests         429
    │   ├── SmsSuspended             sms_suspended             429
    │   ├── ManifestInvalid          manifest_invalid          422   (a batch manifest, not models/manifest.toml)
    │   └── BatchConflict            batch_conflict            409
    └── MachineError                 the operator must mend it, or it passes
        ├── EngineBusy               engine_busy               503
        ├── EngineFailed             engine_failed             500
        ├── NotReady                 not_ready                 503
        ├── SmsFailed                sms_failed                502
        ├── StoreUnavailable         store_unavailable         503
        ├── InternalError            internal_error            500
        └── SetupError               start-up is refused
            ├── WeightMissing            weight_missing            500
            ├── WeightMismatch           weight_mismatch           500
            ├── WeightNotAcknowledged    weight_not_acknowledged   500
            ├── CalibrationMissing       calibration_missing       500
            ├── CalibrationInvalid       calibration_invalid       500
            ├── PolicyInvalid            policy_invalid            500
            ├── GalleryUnreadable        gallery_unreadable        500
            └── SettingsInvalid          settings_invalid          500

The docstring of a leaf is its default message. A message never holds personal data, nor an echo of the input.
"""

from __future__ import annotations


class HechaError(Exception):
    """Something went wrong."""

    code = "internal_error"
    status = 500
    retryable = False

    def __init__(
        self,
        detail: str | None = None,
        *,
        retry_after_s: int | None = None,
        fields: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """`fields`: (field, code) pairs, the parts of the request or the machine at fault."""
        self.detail = detail or (type(self).__doc__ or "").strip()
        self.retry_after_s = retry_after_s
        self.fields = fields
        super().__init__(self.detail)

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders (engine -> parent); the default pickling drops keyword arguments.
        return (_rebuild, (type(self), self.detail, self.retry_after_s), dict(self.__dict__))


def _rebuild(kind: type[HechaError], detail: str, retry_after_s: int | None) -> HechaError:
    return kind(detail, retry_after_s=retry_after_s)


class InputError(HechaError):
    """The request cannot be used."""

    code = "request_invalid"
    status = 422


class PictureError(InputError):
    """The picture cannot be used."""

    code = "picture_corrupt"

    def __init__(
        self,
        detail: str | None = None,
        *,
        retry_after_s: int | None = None,
        role: str | None = None,
    ) -> None:
        """`role` names the capture at fault (`front`, `back` or `selfie`), where the raiser knows it."""
        super().__init__(detail, retry_after_s=retry_after_s, fields=() if role is None else ((role, type(self).code),))
        self.role = role


class PictureEmpty(PictureError):
    """The picture has no bytes."""

    code = "picture_empty"


class PictureTooLarge(PictureError):
    """The picture has too many bytes."""

    code = "picture_too_large"
    status = 413


class PictureTypeUnsupported(PictureError):
    """The bytes are not a JPEG, PNG or WebP picture, nor HEIC where that extra is installed."""

    code = "picture_type_unsupported"
    status = 415


class PictureCorrupt(PictureError):
    """The picture's bytes are damaged and cannot be decoded."""

    code = "picture_corrupt"


class PictureTruncated(PictureError):
    """The picture ends before its data does; the upload was probably cut off."""

    code = "picture_truncated"


class PictureTooManyPixels(PictureError):
    """The picture has too many pixels."""

    code = "picture_too_many_pixels"


class PictureTooSmall(PictureError):
    """The picture has too few pixels to be of use."""

    code = "picture_too_small"


class PictureAspect(PictureError):
    """The picture is far too long and narrow."""

    code = "picture_aspect"


class PictureAnimated(PictureError):
    """The picture has several frames; send a still picture."""

    code = "picture_animated"


class PictureTooComplex(PictureError):
    """Decoding or reading the picture took too much time or memory and was stopped."""

    code = "picture_too_complex"


class DuplicateSide(PictureError):
    """Front and back are the same picture."""

    code = "duplicate_side"


class PictureMissing(PictureError):
    """The picture file does not exist or cannot be read."""

    code = "picture_missing"


class RequestMalformed(InputError):
    """The request body cannot be parsed."""

    code = "request_malformed"
    status = 400


class RequestInvalid(InputError):
    """The request lacks a part, or a part has a wrong value."""

    code = "request_invalid"


class RequestTooLarge(InputError):
    """The request body is larger than allowed."""

    code = "request_too_large"
    status = 413


class RequestTimeout(InputError):
    """The request body arrived too slowly."""

    code = "request_timeout"
    status = 408
    retryable = True


class ContentTypeUnsupported(InputError):
    """The content type of the request or of one of its parts is not accepted here."""

    code = "content_type_unsupported"
    status = 415


class Unauthorized(InputError):
    """A valid API key is required."""

    code = "unauthorized"
    status = 401


class ScopeMissing(InputError):
    """The API key does not hold the scope this call needs."""

    code = "scope_missing"
    status = 403


class NotFound(InputError):
    """There is nothing at this address."""

    code = "not_found"
    status = 404


class MethodNotAllowed(InputError):
    """This address does not accept that method."""

    code = "method_not_allowed"
    status = 405


class ConsentRequired(InputError):
    """The applicant's consent to biometrics is not on record; record it first, or open a case without them."""

    code = "consent_required"
    status = 409


class CaseConflict(InputError):
    """The verification is in a state in which this step is not possible."""

    code = "case_conflict"
    status = 409


class CapturesMissing(InputError):
    """The verification lacks a picture."""

    code = "captures_missing"
    status = 409


class AttemptsExhausted(InputError):
    """This verification has used up its attempts; open another one."""

    code = "attempts_exhausted"
    status = 409


class IdempotencyMismatch(InputError):
    """This Idempotency-Key was used for another request."""

    code = "idempotency_mismatch"


class IdempotencyInFlight(InputError):
    """The call under this Idempotency-Key is being answered."""

    code = "idempotency_in_flight"
    status = 409
    retryable = True


class PhoneNumberInvalid(InputError):
    """The phone number is not a valid number in E.164 form."""

    code = "phone_number_invalid"


class PhoneNumberRefused(InputError):
    """Numbers of this country or type are not served."""

    code = "phone_number_refused"


class PhoneCodeUnusable(InputError):
    """The code has expired, was used, or had too many wrong tries; ask for a new one."""

    code = "phone_code_unusable"
    status = 410


class TooManyRequests(InputError):
    """Too many requests; wait before the next one."""

    code = "too_many_requests"
    status = 429
    retryable = True


class SmsSuspended(InputError):
    """No codes are sent to these numbers for now: too few of the last ones were entered."""

    code = "sms_suspended"
    status = 429
    retryable = True


class ManifestInvalid(InputError):
    """The batch manifest lacks a column or cannot be read."""

    code = "manifest_invalid"


class BatchConflict(InputError):
    """The output directory of the batch belongs to another run, or one is at work there."""

    code = "batch_conflict"
    status = 409


class MachineError(HechaError):
    """The machine failed; the request was not at fault."""


class EngineBusy(MachineError):
    """All engines are busy and the queue is full."""

    code = "engine_busy"
    status = 503
    retryable = True


class EngineFailed(MachineError):
    """The engine failed while working on this request."""

    code = "engine_failed"
    status = 500
    retryable = True


class NotReady(MachineError):
    """The service is still starting, or a part of it is not ready."""

    code = "not_ready"
    status = 503
    retryable = True


class SmsFailed(MachineError):
    """The SMS could not be handed to the provider."""

    code = "sms_failed"
    status = 502
    retryable = True


class StoreUnavailable(MachineError):
    """The database cannot be reached."""

    code = "store_unavailable"
    status = 503
    retryable = True


class InternalError(MachineError):
    """Something unexpected went wrong; it has been logged under the request's id."""

    code = "internal_error"
    status = 500


class SetupError(MachineError):
    """The installation is not complete."""


class WeightMissing(SetupError):
    """A model weight is missing; run `hecha models fetch`."""

    code = "weight_missing"


class WeightMismatch(SetupError):
    """A model weight has another sha256 than the manifest states; run `hecha models fetch`."""

    code = "weight_mismatch"


class WeightNotAcknowledged(SetupError):
    """A weight for non-commercial use only was asked for without acknowledging its licence."""

    code = "weight_not_acknowledged"


class CalibrationMissing(SetupError):
    """The face model has no calibration for the error rate the policy asks for."""

    code = "calibration_missing"


class CalibrationInvalid(SetupError):
    """The calibration file is damaged, not signed with this service's key, or of another face weight."""

    code = "calibration_invalid"


class PolicyInvalid(SetupError):
    """The policy file cannot be read, or a key of it is unknown or out of range."""

    code = "policy_invalid"


class GalleryUnreadable(SetupError):
    """A stored face template does not open: the master key is another one, or the row was altered or moved."""

    code = "gallery_unreadable"


class SettingsInvalid(SetupError):
    """A HECHA_* setting has a value that cannot be used."""

    code = "settings_invalid"


def leaves(root: type[HechaError] = HechaError) -> tuple[type[HechaError], ...]:
    """Every error class without subclasses, in the order of the tree above."""
    children = root.__subclasses__()
    if not children:
        return (root,)
    return tuple(leaf for child in children for leaf in leaves(child))
