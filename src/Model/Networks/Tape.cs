using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Operations;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>The operations of a network on the samples of one shard, run pass by pass.</summary>
/// <remarks>
/// A pass halts at batch norms over the whole batch, those that stand side by side together: <see cref="Advance"/> returns what this shard gives to
/// their sums and goes on with the totals. Every shard of a step halts at the same places, so that any thread may go on with any of them; the tape
/// itself is used by one thread at a time.
/// </remarks>
internal sealed class Tape : IDisposable
{
    private readonly Network _network;
    private readonly Operation[] _operations;
    private readonly int[] _readers;
    private readonly TapeValues _values;
    private Pass _pass;
    private ParameterGradients? _gradients;
    private Action<int>? _passed;
    private int _next; // of the nodes in the pass's order
    private int _halted; // how many of them wait for totals

    /// <param name="draws">Random numbers of the samples; null where nothing is drawn.</param>
    public Tape(Network network, EffectiveParameters parameters, SampleDraws? draws = null)
    {
        _network = network;
        _operations = [.. network.Nodes.Select(node => node.Node.On(parameters, draws))];
        _readers = network.Readers;
        _values = new TapeValues(network.Nodes.Count + 1);
    }

    /// <summary>Whether nothing is wanted but the forward pass: then nothing is kept for another.</summary>
    public bool IsForwardOnly { get; init; }

    /// <summary>The operations that collect batch statistics.</summary>
    public IEnumerable<IBatchStatistics> Collecting => _operations.OfType<IBatchStatistics>();

    private bool IsForward => _pass is Pass.Forward or Pass.Adjoint;

    private bool IsDone => _next == _operations.Length;

    /// <summary>Sets out on a pass.</summary>
    /// <param name="input">Images, or a slope of them; of logits, in passes backward. Stays the caller's, who keeps it until the pass is through.</param>
    /// <param name="gradients">In the last pass takes the gradients of parameters; what was kept is then given back on the way.</param>
    /// <param name="passed">Called with the number of every node that is done.</param>
    public void Begin(Pass pass, Tensor input, ParameterGradients? gradients = null, Action<int>? passed = null)
    {
        (_pass, _gradients, _passed, _next, _halted) = (pass, gradients, passed, 0, 0);
        _values.Clear();
        _values.Borrow(IsForward ? 0 : _operations.Length, input);
    }

    /// <summary>Goes on to the next halt or the end.</summary>
    /// <param name="totals">Of the halt before, in its order; null after <see cref="Begin"/>.</param>
    /// <returns>What this shard gives to the sums of the halt; null at the end of the pass.</returns>
    public NormShare[]? Advance(NormShare[]? totals = null)
    {
        for (var i = 0; i < _halted; i++)
        {
            var total = totals![i];
            Do(NodeAt(_next), norm => ((BatchNormOperation)norm).End(_pass, total, _gradients));
        }

        _halted = 0;
        while (!IsDone && _operations[NodeAt(_next)] is not BatchNormOperation { Halts: true })
        {
            Do(NodeAt(_next), null);
        }

        return IsDone ? null : Halt();
    }

    /// <summary>A whole pass without halts.</summary>
    public Tensor? Run(Pass pass, Tensor input, ParameterGradients? gradients = null, Action<int>? passed = null)
    {
        Begin(pass, input, gradients, passed);
        Advance();
        return TakeResult();
    }

    /// <summary>What came out of the pass, the caller's from now on: logits, or a slope of the images, null where the pass did not go so far.</summary>
    public Tensor? TakeResult() => _values.TakeOwn(IsForward ? _operations.Length : 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        _values.Clear();
        foreach (var operation in _operations)
        {
            operation.Dispose();
        }
    }

    private int NodeAt(int place) => IsForward ? place : _operations.Length - 1 - place;

    private NormShare[] Halt()
    {
        var shares = new List<NormShare>();
        for (var place = _next; place < _operations.Length && _operations[NodeAt(place)] is BatchNormOperation { Halts: true } norm && IsReady(NodeAt(place)); place++)
        {
            var node = NodeAt(place);
            shares.Add(In(node, () => norm.Begin(_pass, InputOf(node))));
        }

        _halted = shares.Count;
        return [.. shares];
    }

    // One that stands behind another in the network has to wait for it.
    private bool IsReady(int node) => IsForward
        ? _network.Nodes[node].Sources.All(source => _values.Has(source.Value))
        : _values.Has(node + 1);

    private Tensor InputOf(int node) => IsForward ? _values.Read(_network.Nodes[node].Sources[0].Value) : _values.Read(node + 1);

    private void Do(int node, Func<Operation, Tensor>? end)
    {
        In(node, () =>
        {
            using var scope = NewDisposeScope();
            if (IsForward)
            {
                Forward(node, end);
            }
            else
            {
                Backward(node, end);
            }

            return node;
        });
        _next++;
        _passed?.Invoke(node);
    }

    private void Forward(int node, Func<Operation, Tensor>? end)
    {
        var (sources, operation) = (_network.Nodes[node].Sources, _operations[node]);
        var x = _values.Gather(sources);
        var y = end is not null ? end(operation) : _pass == Pass.Forward ? operation.Forward(x) : operation.Adjoint(x);
        _values.Own(node + 1, y);
        foreach (var source in sources)
        {
            _values.CountReader(source.Value, _readers[source.Value]);
        }

        if (IsForwardOnly)
        {
            operation.Dispose();
        }
    }

    private void Backward(int node, Func<Operation, Tensor>? end)
    {
        var operation = _operations[node];
        var g = _values.Materialize(node + 1);
        var slope = end is not null ? end(operation) : _pass == Pass.BackwardToInput ? operation.BackwardToInput(g) : operation.Backward(g, _gradients);
        _values.Drop(node + 1);
        if (slope is not null)
        {
            _values.Spread(_network.Nodes[node].Sources, slope);
        }

        if (_gradients is not null)
        {
            operation.Dispose();
        }
    }

    private T In<T>(int node, Func<T> work)
    {
        using var _ = FlushToZero.Begin();
        try
        {
            return work();
        }
        catch (Exception exception) when (LibtorchException.IsRaw(exception))
        {
            // A node without layers of its own (a pooling, a shared activation) is named after the layer before it.
            var layer = _network.Layers[Math.Max(0, _network.Nodes[node].Layers.End.Value - 1)];
            throw LibtorchException.At($"the {NameOf(_pass)} at layer '{layer.Path}'", exception);
        }
    }

    private static string NameOf(Pass pass) => pass switch
    {
        Pass.Forward => "forward pass",
        Pass.BackwardToInput => "backward pass to the images",
        Pass.Adjoint => "adjoint of the backward pass",
        _ => "backward pass",
    };
}
