using System.CommandLine;
using System.Text.Json.Serialization;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Commands.Sweeps;

/// <summary><c>lcnn sweep</c>: many runs that differ in their options, and the best of them.</summary>
internal static class SweepCommand
{
    public static Command Create(CliServices services) =>
        new("sweep", "Search the options of a run: start a sweep file, watch it, steer it, see its result.")
        {
            SweepStartCommand.Create(services),
            SweepStatusCommand.Create(services),
            SweepListCommand.Create(services),
            SweepWatchCommand.Create(services),
            SweepExportCommand.Create(services),
            Steer(
                "pause", "Pause every trial after its current step; each keeps a snapshot.", "pausing", services,
                [SweepPhase.Running, SweepPhase.Pausing, SweepPhase.Paused], (sweep, token) => sweep.PauseAsync(token)),
            Steer(
                "resume", "Go on with a paused sweep.", "resuming", services,
                [SweepPhase.Running, SweepPhase.Pausing, SweepPhase.Paused], (sweep, token) => sweep.ResumeAsync(token)),
            Steer(
                "stop", "Stop every trial and complete the sweep with what there is.", "stopping", services,
                [SweepPhase.Running, SweepPhase.Pausing, SweepPhase.Paused, SweepPhase.Stopping, SweepPhase.Completed],
                (sweep, token) => sweep.StopAsync("stopped by 'lcnn sweep stop'", token)),
            CreateAdd(services),
            CreateSchema(services),
        };

    public static Argument<string> Sweep() => new("SWEEP") { Description = "Id of the sweep, as 'lcnn sweep list' shows it" };

    private static Command Steer(
        string name, string description, string what, CliServices services, SweepPhase[] sensible, Func<ISweepHandle, CancellationToken, Task> steer)
    {
        var sweep = Sweep();
        return ClusterCommand.Create(name, description, services, [sweep], async (reader, writer, launcher, cancellationToken) =>
        {
            var id = reader.Value(sweep);
            reader.ThrowIfProblems();
            var handle = await launcher.FindSweepAsync(id, cancellationToken);
            var before = await handle.GetStatusAsync(cancellationToken);
            if (!sensible.Contains(before.Phase))
            {
                throw new BadInputException($"sweep {id} is {SweepText.NameOf(before.Phase)}: there is nothing to {name}");
            }

            await steer(handle, cancellationToken);
            var after = await handle.GetStatusAsync(cancellationToken);
            writer.WriteLine(new SweepAction(id, what, after.Phase), $"{id}: {SweepText.NameOf(after.Phase)}");
            return ExitCode.Done;
        });
    }

    private static Command CreateAdd(CliServices services)
    {
        var sweep = Sweep();
        var trials = CommonOptions.Value("--trials", "n", "Trials that the sampler chooses. Default: 1");
        return ClusterCommand.Create("add", "Add trials to a sweep that is not done.", services, [sweep, trials], async (reader, writer, launcher, cancellationToken) =>
        {
            var (id, count) = (reader.Value(sweep), reader.WholeNumber(trials, minimum: 1) ?? 1);
            reader.ThrowIfProblems();
            var handle = await launcher.FindSweepAsync(id, cancellationToken);
            var before = await handle.GetStatusAsync(cancellationToken);
            await handle.AddTrialsAsync(count, cancellationToken: cancellationToken);
            var after = await handle.GetStatusAsync(cancellationToken);
            await WarnAsync(handle, before.LastSequence, after.LastSequence, services, cancellationToken);
            writer.WriteLine(
                new SweepAction(id, "added", after.Phase),
                $"{id}: {Format.Counted(count, "more trial")}, {Format.Count(after.Trials.Planned)} planned now, {SweepText.NameOf(after.Phase)}");
            return ExitCode.Done;
        });
    }

    // What the sweep has to say about it is in its log, as at its start.
    private static async Task WarnAsync(ISweepHandle sweep, long after, long last, CliServices services, CancellationToken cancellationToken)
    {
        if (after >= last)
        {
            return;
        }

        await foreach (var said in sweep.WatchAsync(after, cancellationToken))
        {
            if (said is SweepWarning warning)
            {
                services.Error.WriteLine($"warning: {warning.Message}");
            }

            if (said.Sequence >= last)
            {
                return;
            }
        }
    }

    private static Command CreateSchema(CliServices services)
    {
        var command = new Command("schema", "Print the JSON Schema of sweep files, for editors.");
        command.SetAction((_, _) =>
        {
            services.Out.WriteLine(SweepFile.Schema);
            return Task.FromResult(ExitCode.OfShown(services.Output));
        });
        return command;
    }
}

/// <summary>What was done to a sweep, and where it stands since.</summary>
internal sealed record SweepAction(string SweepId, [property: JsonIgnore] string What, SweepPhase Phase) : Report
{
    protected override string Kind => What;
}
