using Lcnn.Distributed.Model.Data;

namespace Lcnn.Distributed.Grains.Workers;

internal static class DataSetLimits
{
    /// <summary>The data set with its first training samples only; 0 keeps all.</summary>
    public static DataSet Limit(this DataSet data, int trainLimit) =>
        trainLimit == 0 || trainLimit >= data.Train.Count ? data : data with { Train = data.Train.Take(trainLimit) };
}
