using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>The slots of a silo, and how long its cluster waits for whom.</summary>
public sealed class PlacementOptions : IValidatableObject
{
    /// <summary>Every GPU of the machine, or the processor where there is none.</summary>
    public const string MachineDevices = "auto";

    private const string Processor = "cpu";

    /// <summary>Slots of this silo; null for one on each GPU that <see cref="Devices"/> lists, and without such a list for as many as asked for.</summary>
    [Range(1, 4096)]
    public int? Slots { get; set; }

    /// <summary>"auto", "cpu", or GPUs such as "cuda:0,cuda:1".</summary>
    [Required, RegularExpression("auto|cpu|cuda:[0-9]+(,cuda:[0-9]+)*")]
    public string Devices { get; set; } = MachineDevices;

    /// <summary>How long a slot is kept for a worker that has not come to take it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ReservationTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a run that does not ask again keeps its place in the queue.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long one silo is waited for; while it still owes an answer, it is not waited for again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:20")]
    public TimeSpan SiloTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Time between two rounds for those that wait for slots; a round asks every silo once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:00:10")]
    public TimeSpan RoundInterval { get; set; } = TimeSpan.FromSeconds(0.1);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Slots is { } slots && ListedGpus is { Length: > 0 } gpus && gpus.Length != slots)
        {
            yield return new ValidationResult(
                $"{slots} slots, but {gpus.Length} GPUs are listed ({Devices}); a GPU is one slot: leave out the number", [nameof(Slots)]);
        }
    }

    /// <summary>Slots to begin with, or null when there is no limit.</summary>
    internal int? SlotCount => Slots ?? (ListedGpus.Length > 0 ? ListedGpus.Length : null);

    /// <summary>The devices that slots are on, one after the other.</summary>
    internal IReadOnlyList<string> DeviceList(Func<IReadOnlyList<string>> ofMachine) =>
        Devices == MachineDevices ? ofMachine() : Devices.Split(',');

    private string[] ListedGpus => Devices is MachineDevices or Processor ? [] : Devices.Split(',');
}

[OptionsValidator]
internal sealed partial class PlacementOptionsValidator : IValidateOptions<PlacementOptions>;
