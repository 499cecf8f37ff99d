# A server that the kernel kills for its memory is restarted, and the socket stays.
{ self }:
{
  nodes.api = {
    imports = [ (import ./fixture/host.nix { inherit self; }) ];
    services.crick-api.database.createLocally = true;
  };

  testScript = builtins.readFile ./fixture/steps.py + ''
    api.wait_for_unit("multi-user.target")
    wait_until_ready(api)
    token = new_token(api, "ada")
    code, body = push(api, token, [frame(1)])
    assert code == 201, body
    assert property_of(api, "crick-api.service", "MemoryMax") == str(2**30)

    if "memory" not in api.succeed("cat /sys/fs/cgroup/cgroup.controllers").split():
        # NixOS' own kernel has it; only a container can be on one that has not.
        api.succeed("systemd-detect-virt --container")
        api.log("skipped, nothing proven: this kernel has no memory controller, so it kills nobody for memory")
    else:
        api.succeed("systemctl set-property --runtime crick-api.service MemoryMax=1M MemorySwapMax=0")
        api.execute(curl("--max-time 5", "/readyz"))
        api.wait_until_succeeds("journalctl --unit=crick-api.service | grep oom-kill", timeout=60)
        api.succeed("systemctl set-property --runtime crick-api.service MemoryMax=1G")
        wait_until_ready(api)
        assert len(pull(api, token)) == 1
  '';
}
