# Types of options whose bad values would otherwise fail on the host only, and what several chapters ask
# about a path.
{ lib }:
let
  inherit (lib) types;

  # Text that is checked, with a description that says what to write instead.
  text =
    description: check:
    types.str
    // {
      inherit description;
      descriptionClass = "noun";
      check = value: types.str.check value && check value;
    };
  matches = pattern: value: builtins.match pattern value != null;

  octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  ipv4 = "${octet}([.]${octet}){3}";
  isIpv4 = matches ipv4;
  isIpv6 =
    value:
    matches "[0-9a-fA-F:]*:[0-9a-fA-F:]*" value
    && (builtins.tryEval (builtins.deepSeq (lib.network.ipv6.fromString value) true)).success;
  isPort = value: matches "[1-9][0-9]{0,4}" value && lib.toInt value <= 65535;
  # What stands before the last occurrence of a separator, and after it.
  splitLast =
    separator: value:
    let
      parts = lib.splitString separator value;
    in
    {
      before = lib.concatStringsSep separator (lib.init parts);
      after = lib.last parts;
    };

  units = "(us|usec|ms|msec|s|sec|second|seconds|m|min|minute|minutes|h|hr|hour|hours|d|day|days|w|week|weeks)";
  weekday = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
  number = "([*]|[0-9]+([.][.][0-9]+)?)(/[0-9]+)?";
  list = "${number}(,${number})*";
  timeOfDay = "([*]|([01]?[0-9]|2[0-3])([.][.]([01]?[0-9]|2[0-3]))?(/[0-9]+)?)(,([01]?[0-9]|2[0-3])(/[0-9]+)?)*";
  minute = "([*]|[0-5]?[0-9]([.][.][0-5]?[0-9])?(/[0-9]+)?)(,[0-5]?[0-9](/[0-9]+)?)*";
in
{
  # What systemd accepts as IPAddressAllow=. It ignores a host name, with a warning in the journal.
  addressRange =
    text "IP address or prefix, or one of any, localhost, link-local and multicast (not a host name)"
      (
        value:
        lib.elem value [
          "any"
          "localhost"
          "link-local"
          "multicast"
        ]
        || matches "${ipv4}(/([12]?[0-9]|3[0-2]))?" value
        || (
          let
            parts = lib.splitString "/" value;
          in
          isIpv6 (lib.head parts)
          && (
            lib.length parts == 1
            ||
              lib.length parts == 2
              && matches "[0-9]{1,3}" (lib.last parts)
              && lib.toIntBase10 (lib.last parts) <= 128
          )
        )
      );

  # What systemd accepts as ListenStream= and is TCP.
  tcpAddress =
    text
      "TCP address: a port from 1 to 65535, an IPv4 address and a port, or an IPv6 address in brackets and a port"
      (
        value:
        let
          parts = splitLast ":" value;
          bracketed = builtins.match "\\[(.*)]" parts.before;
        in
        isPort value
        || (isPort parts.after && (isIpv4 parts.before || bracketed != null && isIpv6 (lib.head bracketed)))
      );

  # The port of a TCP address.
  portOf = value: lib.toInt (splitLast ":" value).after;

  hostName = text "host name of letters, digits, hyphens and dots, for instance api.example.org" (
    matches "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
  );

  # The part of systemd's calendar events that people write.
  calendar =
    text "time of systemd.time(7), for instance hourly, 03:00, Mon..Fri 22:30 or Sun *-*-* 03:00:00 UTC"
      (
        value:
        lib.elem value [
          "minutely"
          "hourly"
          "daily"
          "weekly"
          "monthly"
          "quarterly"
          "semiannually"
          "yearly"
        ]
        || matches "(${weekday}([.][.]${weekday})?(,${weekday}([.][.]${weekday})?)* )?((${list}-)?${list}-${list} )?${timeOfDay}:${minute}(:${minute})?( UTC| [A-Z][A-Za-z_]+/[A-Za-z_/+-]+)?" value
      );

  timeSpan = text "time span of systemd.time(7) above zero, for instance 10min or 1h 30min" (
    value: matches "[0-9]+ ?${units}( ?[0-9]+ ?${units})*" value && matches ".*[1-9].*" value
  );

  memorySize = text "memory size of systemd.resource-control(5), for instance 768M, 2G or infinity" (
    matches "infinity|[1-9][0-9]*[KMGT]?"
  );

  # A file of the Nix store can be read by every user of the host.
  inStore = path: path != null && (lib.isPath path || lib.hasPrefix builtins.storeDir path);

  # In a unit file a percent sign begins a specifier.
  escapePercent = lib.replaceStrings [ "%" ] [ "%%" ];
}
