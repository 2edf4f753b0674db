using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Chooses the display for who is looking.</summary>
internal static class SweepDisplay
{
    public static ISweepDisplay Create(CliServices services, bool isJson) =>
        isJson ? new JsonSweepDisplay(services.Out, services.Error)
        : services.IsTerminal ? new LiveSweepDisplay(services.Console, services.Error, services.Clock)
        : new PlainSweepDisplay(services.Out, services.Error, services.Clock);
}
