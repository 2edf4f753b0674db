using System.CommandLine;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Cluster;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn silos</c>: the silos of a cluster, and what runs where.</summary>
internal static class SilosCommand
{
    public static Command Create(CliServices services) => ClusterCommand.Create(
        "silos", "List the silos of a cluster with their slots, devices, and what runs where.", services, [],
        async (reader, writer, launcher, cancellationToken) =>
        {
            reader.ThrowIfProblems();
            var silos = await launcher.ListSilosAsync(cancellationToken);
            writer.Write([.. silos.Select(Describe)], () => CreateTable(silos));
            return ExitCode.Done;
        });

    private static SiloLine Describe(SiloReport silo) => new()
    {
        Silo = silo.Silo,
        Name = silo.Name,
        ProcessId = silo.ProcessId,
        IsDraining = silo.IsDraining,
        Slots = [.. silo.Slots.Select(slot => new SlotLine(slot.Slot.Index, slot.Slot.Device, slot.Holder?.RunId, slot.Holder?.Rank, slot.Holder?.Generation))],
    };

    private static Table CreateTable(IReadOnlyList<SiloReport> silos)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns("silo", "name", "process", "slots", "devices", "runs here");
        foreach (var silo in silos)
        {
            var used = silo.Slots.Count(slot => slot.Holder is not null);
            table.AddRow(
                new Text(silo.Silo),
                new Text(silo.IsDraining ? $"{silo.Name} (leaving)" : silo.Name),
                new Text($"{silo.ProcessId}"),
                new Text($"{used} of {(silo.IsUnlimited ? "any" : silo.Slots.Count)} used"),
                new Text(string.Join(' ', silo.Slots.Select(slot => slot.Slot.Device).Distinct())),
                new Text(string.Join(Environment.NewLine, silo.Slots.Where(slot => slot.Holder is not null)
                    .GroupBy(slot => slot.Holder!.RunId).Select(run => $"{run.Key} (rank {string.Join(", ", run.Select(slot => slot.Holder!.Rank))})"))));
        }

        return table;
    }
}

/// <summary>One silo in the list.</summary>
internal sealed record SiloLine : Report
{
    protected override string Kind => "silo";
    public string Silo { get; init; } = "";
    public string Name { get; init; } = "";
    public int ProcessId { get; init; }
    public bool IsDraining { get; init; }
    public IReadOnlyList<SlotLine> Slots { get; init; } = [];
}

/// <summary>One slot of a silo; no run where it is free.</summary>
internal sealed record SlotLine(int Index, string Device, string? RunId, int? Rank, int? Generation);
