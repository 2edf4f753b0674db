namespace Lcnn.Distributed.Client.Recording;

/// <summary>A number that a tool draws over steps.</summary>
/// <param name="Tag">Its name; tools group by what is before the slash.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Value">The number, an infinity at worst.</param>
internal readonly record struct RunScalar(string Tag, long Step, double Value);
