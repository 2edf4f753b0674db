using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Chooses the display for who is looking.</summary>
internal static class RunDisplay
{
    public static IRunDisplay Create(CliServices services, bool isJson) =>
        isJson ? new JsonDisplay(services.Out, services.Error)
        : services.IsTerminal ? new LiveDisplay(services.Console, services.Error, services.Clock)
        : new PlainDisplay(services.Out, services.Error, services.Clock);
}
