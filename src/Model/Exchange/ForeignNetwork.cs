using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Model.Exchange;

/// <summary>A network of others as it was recognised by the names and shapes of its tensors, which are under our keys.</summary>
/// <param name="Form">Whose form it has, for people.</param>
/// <param name="Description">The network.</param>
/// <param name="Parameters">Values of its parameters, as <see cref="NetworkSizes"/> writes them.</param>
/// <param name="Tensors">Its tensors, by our keys.</param>
/// <param name="Input">The images that its shapes tell of; height and width 0 where any size fits.</param>
/// <param name="Notes">What was taken for granted, in sentences.</param>
public sealed record ForeignNetwork(
    string Form, NetworkDescription Description, string Parameters, IReadOnlyDictionary<string, SafeTensor> Tensors, ImageShape Input, IReadOnlyList<string> Notes)
{
    /// <summary>Whether the network is built in, under its own name.</summary>
    public bool IsBuiltIn => ReferenceEquals(NetworkCatalog.Find(Description.Name), Description);

    /// <summary>Recognises a network.</summary>
    /// <param name="tensors">By the names that others gave them.</param>
    /// <param name="given">What the user says it is; null to go by the tensors alone.</param>
    /// <param name="source">What they came from, for errors.</param>
    /// <exception cref="CheckpointException">It has none of the forms that are known, or is not what the user says.</exception>
    public static ForeignNetwork Recognise(IReadOnlyDictionary<string, SafeTensor> tensors, NetworkDescription? given, string source)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var found = TorchvisionNetwork.Recognise(tensors, source) ?? AuthorsNetwork.Recognise(tensors, given);
        if (given is not null && found is not { Form: TorchvisionNetwork.Name })
        {
            var own = given.Parameters.Keys.All(NetworkSizes.Parse(found?.Parameters ?? "").ContainsKey) ? found?.Parameters ?? "" : "";
            return new ForeignNetwork("the network of --arch", given, own, tensors, found?.Input ?? default, found?.Notes ?? []);
        }

        return found ?? throw new CheckpointException(
            source, "a network of no known form", "the authors' keys (0.0.conv..., 1.0.1.f1.conv...) or torchvision's (conv1.weight, layer1.0.conv1.weight, ..., fc.weight)",
            $"the keys {string.Join(", ", tensors.Keys.Take(8).Select(CheckpointException.Quote))}{(tensors.Count > 8 ? $" and {tensors.Count - 8} more" : "")}",
            "Describe it in a file whose layers have these keys and say --arch FILE.yaml.");
    }

    /// <summary>Outputs of the last linear layer; 0 where there is none.</summary>
    public int Classes => Tensors.Values.Where(tensor => tensor.Shape.Count == 2)
        .OrderBy(tensor => int.TryParse(tensor.Name.Split('.')[0], out var place) ? place : -1)
        .Select(tensor => (int)Math.Min(tensor.Shape[0], int.MaxValue)).LastOrDefault();
}
