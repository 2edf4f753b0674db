using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Checkpoints;
using Lcnn.Distributed.Model.Layers;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Golden;

/// <summary>The tensors of one file.</summary>
internal sealed class GoldenFile(string name, string? folder = null)
{
    private readonly IReadOnlyDictionary<string, SafeTensor> _tensors =
        SafeTensorsFile.Read(Path.Combine(folder ?? GoldenFolder.Path, name + ".safetensors")).Tensors;

    public string Name { get; } = name;

    public IEnumerable<string> Keys => _tensors.Keys;

    public SafeTensor Stored(string key) => _tensors[key];

    public bool Has(string key) => _tensors.ContainsKey(key);

    /// <summary>A copy of its own memory.</summary>
    public Tensor this[string key]
    {
        get
        {
            var stored = _tensors[key];
            return stored.DType == ElementType.I64
                ? tensor(stored.Values<long>().ToArray(), [.. stored.Shape])
                : tensor(stored.Values<float>().ToArray(), [.. stored.Shape]);
        }
    }

    /// <summary>Keys that begin with a prefix, without it.</summary>
    public IEnumerable<string> Under(string prefix) =>
        _tensors.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Select(key => key[prefix.Length..]);

    /// <summary>Numbers k of the groups "prefix k.".</summary>
    public IReadOnlyList<int> Counts(string prefix) =>
        [.. Under(prefix).Select(rest => int.Parse(rest.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture)).Distinct().Order()];

    /// <summary>Overwrites the layers by the tensors under "state."; <paramref name="path"/> stands before the stored keys.</summary>
    public void LoadState(IEnumerable<LayerState> layers, string path = "") =>
        NetworkState.Import(layers, Under("state.").ToDictionary(key => path + key, key => _tensors["state." + key]), Name);
}
