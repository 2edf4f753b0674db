using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Makes a data set out of what a user's files hold: in memory, or in a packed file.</summary>
internal interface ISetAssembler
{
    /// <summary>Of images that are to be decoded.</summary>
    /// <exception cref="DataFileException">The set, or an image that is not to be left out, cannot be used.</exception>
    DataSet OfImages(OwnSource source);

    /// <summary>Of arrays of floating-point numbers, which are taken as they are.</summary>
    /// <exception cref="DataFileException">The set, or an image that is not to be left out, cannot be used.</exception>
    DataSet OfNumbers(string path, NumpyPart train, NumpyPart? test);
}
