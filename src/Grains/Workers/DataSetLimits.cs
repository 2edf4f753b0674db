using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Grains.Workers;

internal static class DataSetLimits
{
    /// <summary>The data set with its first training samples only; 0 keeps all.</summary>
    public static DataSet Limit(this DataSet data, int trainLimit) => data with { Train = data.Train.Limit(trainLimit) };

    /// <summary>The first samples only; 0 keeps all.</summary>
    public static ILabelledImages Limit(this ILabelledImages data, int limit) => limit == 0 || limit >= data.Count ? data : data.Take(limit);
}
