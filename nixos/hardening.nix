# The sandbox of all our units: a process can use only its inherited sockets, the Unix sockets it
# can see, and its own state directory.
#
# The listening sockets are inherited and PostgreSQL is on a Unix socket, so there is no network,
# unless a unit must leave the machine: then it reaches exactly `remoteAddresses`.
{
  lib,
  remoteAddresses ? [ ],
}:
let
  network = remoteAddresses != [ ];
in
{
    # User.
  NoNewPrivileges = true;
  CapabilityBoundingSet = "";
  AmbientCapabilities = "";
  PrivateUsers = true;
  RestrictSUIDSGID = true;
  UMask = "0077";
  KeyringMode = "private";

  # Files.
  ProtectSystem = "strict";
  ProtectHome = true;
  PrivateTmp = true;
  InaccessiblePaths = [ "-/dev/shm" ];
  PrivateMounts = true;
  PrivateDevices = true;
  DevicePolicy = "closed";
  RemoveIPC = true;
  PrivateIPC = true;

  # Network.
  PrivateNetwork = !network;
  RestrictAddressFamilies = [
    "AF_UNIX"
  ]
  ++ lib.optionals network [
    "AF_INET"
    "AF_INET6"
  ];
  IPAddressDeny = "any";
  SocketBindDeny = "any";

  # Kernel.
  ProtectClock = true;
  ProtectControlGroups = true;
  ProtectHostname = true;
  ProtectKernelLogs = true;
  ProtectKernelModules = true;
  ProtectKernelTunables = true;
  ProtectProc = "invisible";
  ProcSubset = "pid";
  LockPersonality = true;
  MemoryDenyWriteExecute = true;
  RestrictNamespaces = true;
  RestrictRealtime = true;
  SystemCallArchitectures = "native";
  SystemCallFilter = [
    "@system-service"
    "~@privileged @resources"
  ];
  SystemCallErrorNumber = "EPERM";

    # Resources.
  MemoryMax = lib.mkDefault "1G";
  TasksMax = lib.mkDefault 512;
}
// lib.optionalAttrs network {
  IPAddressAllow = remoteAddresses;
  # The programs' C library, musl, binds the socket from which it asks a DNS server.
  SocketBindAllow = "udp";
}
