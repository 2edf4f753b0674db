using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Benchmarks.Peers;

/// <summary>Fresh parameters and buffers of one of our networks, as the authors' modules hold them.</summary>
internal sealed class AuthorsState : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors = [];
    private readonly List<Tensor> _own = [];
    private readonly Device _device;

    public AuthorsState(IEnumerable<LayerState> states, Device device)
    {
        _device = device;
        foreach (var state in states)
        {
            foreach (var (key, tensor) in state.Parameters.Select(parameter => KeyValuePair.Create(parameter.Key, parameter.Value)).Concat(state.Buffers))
            {
                _tensors[key] = tensor;
            }
        }
    }

    /// <summary>Parameters under weight decay.</summary>
    public List<Parameter> DecayedParameters { get; } = [];

    /// <summary>The others.</summary>
    public List<Parameter> PlainParameters { get; } = [];

    public bool Has(string key) => _tensors.ContainsKey(key);

    public Tensor Decayed(string key) => Add(DecayedParameters, key);

    public Tensor Plain(string key) => Add(PlainParameters, key);

    public Tensor Buffer(string key) => Own(RowMajorCopy(key));

    public Tensor Constant(double value) => Own(tensor((float)value, device: _device));

    /// <inheritdoc/>
    public void Dispose() => _own.ForEach(tensor => tensor.Dispose());

    private Parameter Add(List<Parameter> group, string key)
    {
        var parameter = new Parameter(RowMajorCopy(key));
        Own(parameter);
        group.Add(parameter);
        return parameter;
    }

    // As torch's modules make them.
    private Tensor RowMajorCopy(string key) => TensorLayout.RowMajor(_tensors[key].detach()).to(_device);

    private Tensor Own(Tensor tensor)
    {
        _own.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }
}
