using Lcnn.Distributed.Cli.Hosting;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Chooses the display for who is looking.</summary>
internal static class SweepDisplay
{
    public static ISweepDisplay Create(CliServices services, bool isJson) =>
        isJson || !services.IsTerminal ? new JsonSweepDisplay(services.Out, services.Error) : new JsonSweepDisplay(services.Out, services.Error);
}
