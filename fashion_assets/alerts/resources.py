"""The alert channels as a Dagster resource."""

from dagster import ConfigurableResource
from pydantic import Field

from fashion_assets.alerts.channels import Channel, parse_channels
from fashion_assets.alerts.messages import AlertOn


class AlertsResource(ConfigurableResource):
    """The channels of alerts, and which failures are alerts."""

    fingerprints: list[str] = Field(
        default=[], description="Fingerprints of the channels; their addresses are not configuration."
    )
    alert_on: AlertOn = Field(
        default="errors", description="Which failed checks are alerts: `errors`, or `warnings` too."
    )
    ui_url: str = Field(description="Address of the Dagster UI, for links to runs.")
    lock_file: str = Field(description="Lock file that prevents two processes from sending at once.")

    @classmethod
    def with_addresses(
        cls, addresses: str, *, ui_url: str, lock_file: str, alert_on: AlertOn = "errors"
    ) -> "AlertsResource":
        """The resource for these apprise URLs, which must not become configuration: the UI would show their passwords.

        Raises SettingsError for an address that cannot be used.
        """
        channels = parse_channels(addresses)
        _CHANNELS.update({channel.fingerprint: channel for channel in channels})
        return cls(
            fingerprints=[channel.fingerprint for channel in channels],
            alert_on=alert_on,
            ui_url=ui_url,
            lock_file=lock_file,
        )

    def channels(self) -> list[Channel]:
        """The channels, in the order of the setting."""
        return [_CHANNELS[fingerprint] for fingerprint in self.fingerprints]


_CHANNELS: dict[str, Channel] = {}
"""By fingerprint; only in this process's memory. `dagster.EnvVar` would not do: the setting may come from `.env`."""
