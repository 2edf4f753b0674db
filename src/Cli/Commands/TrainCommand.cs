using System.CommandLine;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn train</c>: one run, here or on a cluster, from the arguments to the summary.</summary>
internal static class TrainCommand
{
    private const string About =
        "Train a network, by default a low-curvature resnet8 on the digits that come with the program. " +
        "The defaults below are those of --preset default. Ctrl-C stops after the current step and keeps a snapshot.";

    public static Command Create(CliServices services)
    {
        var options = new TrainOptions();
        var command = new Command("train", About);
        foreach (var option in options.All)
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, options, services, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, TrainOptions options, CliServices services, CancellationToken cancellationToken)
    {
        var isJson = CommonOptions.IsGiven(parsed, options.Json);
        var (request, problems) = await new TrainArguments(parsed, options, services).ReadAsync(cancellationToken);
        if (request is null)
        {
            return ProblemReport.Write(services, "train", problems, isJson);
        }

        if (request.Detach)
        {
            return await DetachAsync(request, services, new ReportWriter(services, isJson));
        }

        services.Output.WorkUnseen(isJson);
        await using var display = RunDisplay.Create(services, isJson, request.Recording);
        return await new RunSession(services, display).TrainAsync(request);
    }

    private static async Task<int> DetachAsync(TrainRequest request, CliServices services, ReportWriter writer)
    {
        await using var host = await services.OpenHost(request.Place, CancellationToken.None);
        try
        {
            request = await request.CloseAsync(host.Launcher, CancellationToken.None);
            if (request.Finished is { } done)
            {
                writer.WriteLine(new RunAction(done.RunId, "finished"), done.RunId);
                return ExitCode.Done;
            }

            request.Notices.ToList().ForEach(services.Error.WriteLine);
            var run = await request.StartAsync(host.Launcher, CancellationToken.None);
            writer.WriteLine(new RunAction(run.Id, "submitted"), run.Id);
            return ExitCode.Done;
        }
        catch (ArgumentsRefusedException exception)
        {
            return ProblemReport.Write(services, "train", exception.Problems, writer.IsJson);
        }
        catch (InvalidSpecException exception)
        {
            return ProblemReport.Write(services, "train", [.. exception.Problems.Select(ArgumentProblem.Of)], writer.IsJson);
        }
    }
}
