using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Model.Numerics;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>What <c>--device</c> names.</summary>
internal static class DeviceArgument
{
    /// <exception cref="BadInputException">This machine has no such device.</exception>
    public static ComputeDevice Find(string name)
    {
        try
        {
            return ComputeDevice.Find(name);
        }
        catch (ArgumentException exception)
        {
            throw new BadInputException($"--device: {exception.Message}");
        }
    }
}
