# Option types whose invalid values would otherwise fail only on the host, and helpers for paths.
{ lib }:
let
  inherit (lib) types;

  # Checked text, with a description that says what to write instead.
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
  # The text before the last occurrence of a separator, and the text after it.
  splitLast =
    separator: value:
    let
      parts = lib.splitString separator value;
    in
    {
      before = lib.concatStringsSep separator (lib.init parts);
      after = lib.last parts;
    };

  units = "(s|sec|second|seconds|m|min|minute|minutes|h|hr|hour|hours|d|day|days|w|week|weeks)";

  # One component of a calendar event: a list of numbers, ranges and repetitions between two bounds.
  isComponent =
    least: greatest: value:
    value == "*"
    || lib.all (
      part:
      let
        numbers = builtins.match "([0-9]{1,2})([.][.]([0-9]{1,2}))?(/([1-9][0-9]?))?" part;
        first = lib.toIntBase10 (lib.head numbers);
        last = lib.elemAt numbers 2;
        step = lib.elemAt numbers 4;
        end = if last == null then greatest else lib.toIntBase10 last;
      in
      numbers != null
      && least <= first
      && first <= greatest
      && end <= greatest
      && (last == null || first < end)
      && (step == null || first + lib.toInt step <= end)
    ) (lib.splitString "," value);
  firstNumber = value: lib.toIntBase10 (lib.head (builtins.match "([0-9]+).*" value));

  weekdays = [
    "Mon"
    "Tue"
    "Wed"
    "Thu"
    "Fri"
    "Sat"
    "Sun"
  ];
  isWeekdays =
    value:
    lib.all (
      range:
      let
        positions = map (day: lib.lists.findFirstIndex (each: each == day) null weekdays) (
          lib.splitString ".." range
        );
      in
      !lib.elem null positions && lib.length positions <= 2 && lib.head positions <= lib.last positions
    ) (lib.splitString "," value);

  # February 29 exists in some years.
  daysOfMonth = month: if month == "*" then 31 else lib.elemAt monthLengths (firstNumber month - 1);
  monthLengths = [
    31
    29
    31
    30
    31
    30
    31
    31
    30
    31
    30
    31
  ];
  isDate =
    value:
    let
      fields = builtins.match "([*]-)?([^-]+)-([^-]+)" value;
      month = lib.elemAt fields 1;
      day = lib.elemAt fields 2;
    in
    fields != null
    && isComponent 1 12 month
    && isComponent 1 31 day
    && (day == "*" || firstNumber day <= daysOfMonth month);
  isTime =
    value:
    let
      fields = lib.splitString ":" value;
    in
    lib.elem (lib.length fields) [
      2
      3
    ]
    && isComponent 0 23 (lib.head fields)
    && lib.all (isComponent 0 59) (lib.tail fields);

  # The bytes of a memory size that is not infinity.
  bytesOf =
    value:
    let
      parts = builtins.match "([0-9]+)([KMGT]?)" value;
      factor = {
        "" = 1;
        K = 1024;
        M = 1048576;
        G = 1073741824;
        T = 1099511627776;
      };
    in
    lib.toInt (lib.head parts) * factor.${lib.last parts};
in
{
  inherit bytesOf;

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
              && matches "[1-9]?[0-9]|1[01][0-9]|12[0-8]" (lib.last parts)
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

  # The usual subset of systemd's calendar events. Other time zones are excluded: systemd rejects a
  # timer with an unknown zone, and an evaluation cannot look zones up.
  calendar =
    text
      "time of systemd.time(7) of any year, in the host's time zone or UTC, for instance hourly, 03:00, Mon..Fri 22:30 or Sun *-*-* 03:00:00 UTC"
      (
        value:
        let
          words = lib.splitString " " (lib.removeSuffix " UTC" value);
          time = lib.last words;
          days = lib.init words;
        in
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
        || isTime time
        && (
          days == [ ]
          || lib.length days == 1 && (isWeekdays (lib.head days) || isDate (lib.head days))
          || lib.length days == 2 && isWeekdays (lib.head days) && isDate (lib.last days)
        )
      );

  timeSpan = text "time span of systemd.time(7) above zero, for instance 10min or 1h 30min" (
    value: matches "[0-9]+ ?${units}( ?[0-9]+ ?${units})*" value && matches ".*[1-9].*" value
  );

  memorySize =
    text "memory size of systemd.resource-control(5) of at least 64M, for instance 768M, 2G or infinity"
      (
        value:
        value == "infinity"
        || matches "[1-9][0-9]{0,11}|[1-9][0-9]{0,5}[KMGT]" value && bytesOf value >= 67108864
      );

  # A file that the host creates, for systemd to read as a credential. It fails to start a unit
  # whose credential has a blank in its path.
  hostFile = types.path // {
    description = "absolute path without blanks and line breaks";
    check = value: types.path.check value && !matches ".*[[:space:]].*" (toString value);
  };

  # A file of the Nix store can be read by every user of the host.
  inStore = path: path != null && (lib.isPath path || lib.hasPrefix builtins.storeDir path);

  # In a unit file a percent sign begins a specifier.
  escapePercent = lib.replaceStrings [ "%" ] [ "%%" ];
}
