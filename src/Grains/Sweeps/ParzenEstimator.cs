using Lcnn.Distributed.Data.Randomness;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>
/// The density of a parameter among some trials: a normal around each of them, cut off at the ends of the axis, and a wide one for the
/// prior. Widths and weights are those of Bergstra et al. 2011 as Optuna has them ("magic clip", the last 25 trials count fully).
/// </summary>
internal sealed class ParzenEstimator : IDensity
{
    private const double PriorWeight = 1;

    private readonly ParameterAxis _axis;
    private readonly double[] _means;
    private readonly double[] _deviations;
    private readonly double[] _weights;

    /// <param name="observations">Coordinates of the trials, the oldest first.</param>
    public ParzenEstimator(ParameterAxis axis, IReadOnlyList<double> observations)
    {
        _axis = axis;
        _means = [.. observations, 0.5 * (axis.Low + axis.High)];
        _weights = [.. TrialWeights.Of(observations.Count), PriorWeight];
        _deviations = Deviations();
        var total = 0.0;
        for (var i = 0; i < _means.Length; i++)
        {
            total += _weights[i];
        }

        for (var i = 0; i < _means.Length; i++)
        {
            _weights[i] /= total;
        }
    }

    public double Draw(ref RandomSource source)
    {
        var i = TrialWeights.Pick(_weights, source.NextDouble());
        while (true)
        {
            // A mean inside the axis and a width of at most the axis keep at least a third of the draws.
            var coordinate = _means[i] + (_deviations[i] * source.NextNormal());
            if (coordinate >= _axis.Low && coordinate <= _axis.High)
            {
                return coordinate;
            }
        }
    }

    public double At(double coordinate)
    {
        var cell = _axis.CellOf(coordinate);
        var density = 0.0;
        for (var i = 0; i < _means.Length; i++)
        {
            var inside = Normal.Mass(Standard(_axis.Low, i), Standard(_axis.High, i));
            density += _weights[i] / inside * (cell is var (from, to)
                ? Normal.Mass(Standard(Math.Max(from, _axis.Low), i), Standard(Math.Min(to, _axis.High), i))
                : Normal.Density(Standard(coordinate, i)) / _deviations[i]);
        }

        return density;
    }

    private double Standard(double coordinate, int i) => (coordinate - _means[i]) / _deviations[i];

    // The farther neighbour, but for the outermost ones their only neighbour.
    private double[] Deviations()
    {
        var width = _axis.High - _axis.Low;
        var smallest = width / Math.Min(100, 1 + _means.Length);
        var order = Enumerable.Range(0, _means.Length).OrderBy(i => _means[i]).ToArray();
        var deviations = new double[_means.Length];
        for (var k = 0; k < order.Length; k++)
        {
            var left = k > 0 ? _means[order[k]] - _means[order[k - 1]] : order.Length > 1 ? 0 : width;
            var right = k < order.Length - 1 ? _means[order[k + 1]] - _means[order[k]] : 0;
            deviations[order[k]] = Math.Clamp(Math.Max(left, right), smallest, width);
        }

        deviations[^1] = width; // the prior
        return deviations;
    }
}
