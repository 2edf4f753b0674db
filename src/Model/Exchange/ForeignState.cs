using System.Runtime.InteropServices;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Checkpoints;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Model.Exchange;

/// <summary>The tensors of a recognised network as a whole model of ours: every key, in float32, in the shapes of its images.</summary>
public static class ForeignState
{
    private const string Original = ".parametrizations.weight.original";
    private const string U = ".parametrizations.weight.0._u";
    private const string V = ".parametrizations.weight.0._v";
    private const string BatchesTracked = ".num_batches_tracked";

    /// <summary>Fits the tensors to the network that is built for its images.</summary>
    /// <param name="notes">Takes what was made or rounded, in sentences.</param>
    /// <exception cref="CheckpointException">Keys are missing, unexpected or of other shapes; all are named.</exception>
    public static IReadOnlyList<SafeTensor> Complete(ForeignNetwork foreign, ImageShape input, string source, ICollection<string> notes)
    {
        ArgumentNullException.ThrowIfNull(foreign);
        ArgumentNullException.ThrowIfNull(notes);
        var network = Architectures.Build(foreign.Description, NetworkSizes.Parse(foreign.Parameters), input, foreign.Classes);
        var states = network.Initialize(seed: 0);
        try
        {
            var targets = states.SelectMany(NetworkState.Tensors).ToDictionary(entry => entry.Key, entry => (IReadOnlyList<long>)entry.Value.shape, StringComparer.Ordinal);
            var given = foreign.Tensors.Values.Select(tensor => Rounded(tensor, notes)).ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
            var fresh = MakeLazyKeys(states, given, notes);
            MakeCounts(targets, given, notes);
            var aliases = states.SelectMany(state => state.Aliases).Select(alias => alias.Key).ToHashSet(StringComparer.Ordinal);
            TensorProblems.ThrowIfAny([.. Problems(targets, given, aliases)], source, foreign.Description.Name);
            NetworkState.Import(states, given, source);
            foreach (var state in states.Where(state => fresh.Contains(state.Layer.Path)))
            {
                state.Iterate(Initializer.RegistrationIterations);
            }

            return NetworkState.Export(states);
        }
        finally
        {
            Array.ForEach(states, state => state.Dispose());
        }
    }

    private static IEnumerable<string> Problems(Dictionary<string, IReadOnlyList<long>> targets, Dictionary<string, SafeTensor> given, HashSet<string> aliases)
    {
        foreach (var (key, shape) in targets)
        {
            if (!given.TryGetValue(key, out var tensor))
            {
                yield return $"missing {CheckpointException.Quote(key)} of shape [{string.Join(", ", shape)}]";
            }
            else if (!tensor.Shape.SequenceEqual(shape))
            {
                yield return $"{CheckpointException.Quote(key)} of shape [{string.Join(", ", tensor.Shape)}] instead of [{string.Join(", ", shape)}]";
            }
        }

        foreach (var key in given.Keys.Where(key => !targets.ContainsKey(key) && !aliases.Contains(key)).Order(StringComparer.Ordinal))
        {
            yield return $"unexpected {CheckpointException.Quote(key)}";
        }
    }

    private static SafeTensor Rounded(SafeTensor tensor, ICollection<string> notes)
    {
        if (tensor.DType != ElementType.F64)
        {
            return tensor;
        }

        const string note = "its float64 numbers were rounded to float32";
        if (!notes.Contains(note))
        {
            notes.Add(note);
        }

        return SafeTensor.Create<float>(tensor.Name, Array.ConvertAll(MemoryMarshal.Cast<byte, double>(tensor.Data.Span).ToArray(), value => (float)value), [.. tensor.Shape]);
    }

    // The authors' modules make these keys in their first pass: a network that was saved before has plain weights and no vectors.
    private static HashSet<string> MakeLazyKeys(LayerState[] states, Dictionary<string, SafeTensor> given, ICollection<string> notes)
    {
        var fresh = new HashSet<string>(StringComparer.Ordinal);
        foreach (var state in states)
        {
            var path = $"{state.Layer.Path}.conv";
            if (!state.Parameters.Any(parameter => parameter.Key == path + Original) || given.ContainsKey(path + Original) || !given.Remove($"{path}.weight", out var weight))
            {
                continue;
            }

            given[path + Original] = weight.Renamed(path + Original);
            foreach (var vector in NetworkState.Export([state]).Where(tensor => tensor.Name.EndsWith(U, StringComparison.Ordinal) || tensor.Name.EndsWith(V, StringComparison.Ordinal)))
            {
                given.TryAdd(vector.Name, vector);
            }

            fresh.Add(state.Layer.Path);
        }

        if (fresh.Count > 0)
        {
            notes.Add($"{fresh.Count} convolutions had no singular vectors yet; they were made by {Initializer.RegistrationIterations} power iterations, as the authors' first pass does");
        }

        return fresh;
    }

    private static void MakeCounts(Dictionary<string, IReadOnlyList<long>> targets, Dictionary<string, SafeTensor> given, ICollection<string> notes)
    {
        var missing = targets.Keys.Where(key => key.EndsWith(BatchesTracked, StringComparison.Ordinal) && !given.ContainsKey(key)).ToList();
        missing.ForEach(key => given[key] = SafeTensor.Create<long>(key, [0L]));
        if (missing.Count > 0)
        {
            notes.Add($"{missing.Count} batch norms did not say how many batches they saw; 0 was taken, which changes no output");
        }
    }
}
