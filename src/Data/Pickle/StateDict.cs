using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.Data.Pickle;

/// <summary>The named tensors of a file that others wrote: safetensors, or a state dict of torch.save.</summary>
/// <param name="Tensors">By name, without what wrappers put before them.</param>
/// <param name="Metadata">Text entries of a safetensors file.</param>
/// <param name="Notes">What was done to find them, in sentences.</param>
public sealed record StateDict(IReadOnlyDictionary<string, SafeTensor> Tensors, IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<string> Notes)
{
    private const int MaxDepth = 4;

    private static readonly string[] _likely = ["state_dict", "model_state_dict", "model_state", "model", "net", "network", "module", "weights", "params"];

    // DataParallel, torch.compile, Lightning.
    private static readonly string[] _prefixes = ["module.", "_orig_mod.", "model."];

    /// <summary>Reads a file of either kind, which its first bytes tell; no code in it is run.</summary>
    /// <exception cref="CheckpointException">It is damaged, or holds no tensors by name.</exception>
    public static StateDict Read(string path)
    {
        using var file = CheckpointFile.Open(path);
        return Read(file, path);
    }

    /// <summary>Reads a stream that can seek, from its beginning.</summary>
    /// <exception cref="CheckpointException">It is damaged, or holds no tensors by name.</exception>
    public static StateDict Read(Stream file, string source)
    {
        ArgumentNullException.ThrowIfNull(file);
        var begin = new byte[16];
        var count = CheckpointFile.Guard(source, () =>
        {
            file.Position = 0;
            var read = file.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false);
            file.Position = 0;
            return read;
        });
        var notes = new List<string>();
        if (!TorchFile.Begins(begin.AsSpan(0, count)))
        {
            var content = SafeTensorsFile.Read(file, source);
            return new StateDict(WithoutPrefix(content.Tensors, notes), content.Metadata, notes);
        }

        var saved = TorchFile.Read(file, source);
        var found = Find(saved.Root, source, notes);
        return new StateDict(WithoutPrefix(Load(found, saved, source, notes), notes), new Dictionary<string, string>(), notes);
    }

    // Level by level, the likely names first.
    private static PickledDictionary Find(object? root, string source, List<string> notes)
    {
        if (root is not PickledDictionary top)
        {
            throw Problem(source, "no state dict", "a dictionary of tensors by name", PickleReader.Describe(root));
        }

        var level = new List<(PickledDictionary Dictionary, string Path)> { (top, "") };
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance) { top };
        for (var depth = 0; depth < MaxDepth && level.Count > 0; depth++)
        {
            var holders = level.Where(entry => entry.Dictionary.Entries.Any(pair => pair.Value is TorchTensor)).ToList();
            if (holders.Count > 0)
            {
                var (dictionary, path) = holders.OrderBy(entry => Likelihood(entry.Path)).First();
                notes.AddRange(path.Length == 0 ? [] : [$"the state dict is the file's entry {CheckpointException.Quote(path)}"]);
                return dictionary;
            }

            level = [.. level.SelectMany(entry => entry.Dictionary.Entries
                .Where(pair => pair is { Key: string, Value: PickledDictionary inner } && seen.Add(inner))
                .Select(pair => ((PickledDictionary)pair.Value!, entry.Path.Length == 0 ? (string)pair.Key! : $"{entry.Path}.{pair.Key}")))];
        }

        var names = top.Entries.Take(10).Select(entry => PickleReader.Describe(entry.Key));
        throw Problem(source, "no state dict", $"tensors by name, at the top or under {string.Join(", ", _likely)}", $"the entries {string.Join(", ", names)}");
    }

    private static int Likelihood(string path) => Array.IndexOf(_likely, path[(path.LastIndexOf('.') + 1)..]) is >= 0 and var place ? place : _likely.Length;

    private static Dictionary<string, SafeTensor> Load(PickledDictionary found, TorchFile saved, string source, List<string> notes)
    {
        var tensors = new Dictionary<string, SafeTensor>(StringComparer.Ordinal);
        var others = new List<string>();
        var left = 4 * saved.Storages.Values.Sum(storage => (long)storage.Length);
        foreach (var (key, value) in found.Entries)
        {
            if (key is not string name || value is not TorchTensor tensor)
            {
                others.Add(PickleReader.Describe(key));
                continue;
            }

            if (SafeTensor.NameProblem(name) is { } problem)
            {
                throw Problem(source, problem, "a name of a tensor", CheckpointException.Quote(name));
            }

            var data = TorchView.Read(tensor, name, saved.Storages, source);
            if ((left -= data.Length) < 0)
            {
                throw Problem(source, "tensors that share their storages too often", "at most four times the file's own size", "more");
            }

            tensors[name] = new SafeTensor(name, tensor.Storage.DType, tensor.Shape, data);
        }

        if (others.Count > 0)
        {
            notes.Add($"left out what is no tensor: {string.Join(", ", others.Take(5))}{(others.Count > 5 ? $" and {others.Count - 5} more" : "")}");
        }

        return tensors;
    }

    private static IReadOnlyDictionary<string, SafeTensor> WithoutPrefix(IReadOnlyDictionary<string, SafeTensor> tensors, List<string> notes)
    {
        while (tensors.Count > 0 && _prefixes.FirstOrDefault(known => tensors.Keys.All(name => name.StartsWith(known, StringComparison.Ordinal) && name.Length > known.Length)) is { } prefix)
        {
            notes.Add($"every name begins with '{prefix}', which was left out");
            tensors = tensors.Values.ToDictionary(tensor => tensor.Name[prefix.Length..], tensor => tensor.Renamed(tensor.Name[prefix.Length..]), StringComparer.Ordinal);
        }

        return tensors;
    }

    private static CheckpointException Problem(string source, string what, string expected, string got) =>
        new(source, what, expected, got, "Write one with torch.save(model.state_dict(), FILE).");
}
