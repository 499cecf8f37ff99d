# Text that the types of nixos/types.nix accept and refuse. nixos/tests/options.nix compares what
# they accept with systemd itself.
{
  accepted = {
    addressRange = [
      "192.0.2.17"
      "192.0.2.0/24"
      "0.0.0.0/0"
      "::1"
      "::"
      "2001:db8::/64"
      "2001:db8::17/128"
      "any"
      "localhost"
      "link-local"
      "multicast"
    ];
    calendar = [
      "minutely"
      "hourly"
      "daily"
      "weekly"
      "monthly"
      "quarterly"
      "semiannually"
      "yearly"
      "03:00"
      "3:00:30"
      "0,12:00"
      "0/2:30"
      "0..23/3:00"
      "*:0/15"
      "*:0/59"
      "*:*:0/10"
      "Mon..Fri 22:30"
      "Mon..Fri,Sun 22:30"
      "Sat,Sun 04:00"
      "Sun *-*-* 03:00:00 UTC"
      "*-*-01 04:00"
      "*-*-01/7 04:00"
      "12-24 04:00"
      "Sun *-02-29 04:00"
      "*-01,07-31 04:00"
    ];
    memorySize = [
      "256M"
      "768M"
      "2G"
      "1T"
      "999999M"
      "300000000"
      "infinity"
    ];
    tcpAddress = [
      "7878"
      "127.0.0.1:7878"
      "0.0.0.0:65535"
      "[::1]:7878"
      "[2001:db8::17]:1"
      "[::]:7878"
    ];
    timeSpan = [
      "1s"
      "2min"
      "1h 30min"
      "1h30m"
      "90s"
      "90 seconds"
      "2w"
    ];
  };

  refused = {
    addressRange = [
      "db.example.org"
      "192.0.2.300"
      "192.0.2"
      "192.0.2.17/33"
      "192.0.2.17/08"
      "::1/129"
      "::1/064"
      "2001:db8:::1"
      "fe80::1%eth0"
      "192.0.2.17 192.0.2.18"
      "all"
      ""
    ];
    calendar = [
      "every night"
      ""
      "25:00"
      "03:60"
      "03"
      "03:00:00:00"
      "*/2:00"
      "0/24:00"
      "22..4:00"
      "*:30/30"
      "daily, hourly"
      "Funday 03:00"
      "Fri..Mon 03:00"
      "Mon..Wed..Fri 03:00"
      "*-13-01 03:00"
      "*-00-01 03:00"
      "*-*-32 03:00"
      "*-02-30 03:00"
      "*-*-20..10 03:00"
      "2026-11-02 03:00"
      "03:00 MarsTime"
      "03:00 Europe/Paris"
    ];
    memorySize = [
      "1 GB"
      "0"
      "1"
      "63M"
      "1.5G"
      "9999999999T"
      "lots"
      ""
    ];
    tcpAddress = [
      "127.0.0.1:78780"
      "0"
      "127.0.0.1:0"
      "65536"
      "localhost:7878"
      "::1:7878"
      "[::1]"
      "[::g]:7878"
      "300.0.0.1:7878"
      "7878 "
      ":7878"
      ""
    ];
    timeSpan = [
      "0s"
      "10us"
      "500ms"
      "often"
      "10"
      ""
    ];
  };
}
