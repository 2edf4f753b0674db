using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Silo.Configuration;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>A silo that is ready at once and ends as the test wants.</summary>
internal sealed class FakeSiloRunner : ISiloRunner
{
    /// <summary>Why the silo has to stop; null waits for the signal.</summary>
    public string? Fault { get; set; }

    /// <summary>Called when the silo is ready.</summary>
    public Action OnReady { get; set; } = () => { };

    public SiloRequest? Request { get; private set; }

    /// <summary>The options asked for.</summary>
    public SiloOptions Options
    {
        get
        {
            var options = new SiloOptions();
            (Request ?? throw new InvalidOperationException("no silo was started")).Configure(options);
            return options;
        }
    }

    public async Task<bool> RunAsync(SiloRequest request, Action<SiloReady> onReady, Action<string> onFault, CancellationToken stopping)
    {
        Request = request;
        onReady(new SiloReady { Silo = "127.0.0.1:11111@1", Name = "a", Slots = Options.Slots ?? 4, GatewayPort = Options.GatewayPort, ProcessId = 7 });
        OnReady();
        if (Fault is { } fault)
        {
            onFault(fault);
        }
        else
        {
            await Task.Delay(TimeSpan.FromSeconds(30), stopping).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        return Fault is null;
    }
}
